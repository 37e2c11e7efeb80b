{{/* The variables that make the URL of an external look-up registry. Kubernetes puts $(NAME) together itself, so what
is secret is never in an object of the chart. */}}
{{- define "lmcache-server.lookupEnv" -}}
{{- if .Values.externalLookup.urlKey }}
- name: LMCACHE_SERVER_LOOKUP_URL
  {{- include "lmcache-server.lookupSecret" (list . .Values.externalLookup.urlKey) | nindent 2 }}
{{- else }}
{{- $host := .Values.externalLookup.host }}
{{- $port := .Values.externalLookup.port | toString }}
{{- $who := include "lmcache-server.lookupCredentials" . | default .Values.externalLookup.user }}
{{- if .Values.externalLookup.hostKey }}
{{- $host = "$(LOOKUP_HOST)" }}
- name: LOOKUP_HOST
  {{- include "lmcache-server.lookupSecret" (list . .Values.externalLookup.hostKey) | nindent 2 }}
{{- end }}
{{- if .Values.externalLookup.portKey }}
{{- $port = "$(LOOKUP_PORT)" }}
- name: LOOKUP_PORT
  {{- include "lmcache-server.lookupSecret" (list . .Values.externalLookup.portKey) | nindent 2 }}
{{- end }}
{{- if .Values.externalLookup.userKey }}
{{- $who = "$(LOOKUP_USER)" }}
- name: LOOKUP_USER
  {{- include "lmcache-server.lookupSecret" (list . .Values.externalLookup.userKey) | nindent 2 }}
{{- end }}
{{- if .Values.externalLookup.passwordKey }}
{{- $who = printf "%s:$(LOOKUP_PASSWORD)" $who }}
- name: LOOKUP_PASSWORD
  {{- include "lmcache-server.lookupSecret" (list . .Values.externalLookup.passwordKey) | nindent 2 }}
{{- end }}
{{- $scheme := ternary "rediss://" "redis://" .Values.externalLookup.tls.enabled }}
{{- $address := "" }}
{{- if .Values.externalLookup.url }}
{{- $scheme = regexFind "^rediss?://" .Values.externalLookup.url }}
{{- $address = regexReplaceAll "^rediss?://(.*@)?" .Values.externalLookup.url "" }}
{{- else }}
{{- $host = required "externalLookup: name a url, a urlKey, a host or a hostKey" $host }}
{{- $address = printf "%s:%s/%v" $host $port .Values.externalLookup.database }}
{{- end }}
- name: LMCACHE_SERVER_LOOKUP_URL
  value: {{ printf "%s%s%s" $scheme (ternary (printf "%s@" $who) "" (ne $who "")) $address | quote }}
{{- end }}
{{- end -}}

{{/* What stands before the address in the URL of the values, up to the last @ as the program reads it. */}}
{{- define "lmcache-server.lookupCredentials" -}}
{{- regexFind "^rediss?://.*@" .Values.externalLookup.url | trimSuffix "@" | trimPrefix "redis://" | trimPrefix "rediss://" -}}
{{- end -}}

{{/* (list . KEY) */}}
{{- define "lmcache-server.lookupSecret" -}}
{{- $top := index . 0 -}}
valueFrom:
  secretKeyRef:
    name: {{ required "externalLookup.existingSecret is empty; name the secret that has the keys"
      $top.Values.externalLookup.existingSecret | quote }}
    key: {{ index . 1 | quote }}
{{- end -}}
