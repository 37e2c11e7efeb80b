{{/* What the program is told: arguments, variables, ports, secrets. */}}

{{/* Ports that engines use: name, containerPort, port in the services. */}}
{{- define "lmcache-server.ports" -}}
- {name: lm, containerPort: {{ .Values.containerPort }}, port: {{ .Values.service.port }}}
{{- if .Values.tls.enabled }}
- {name: tls, containerPort: {{ .Values.tls.port }}, port: {{ .Values.tls.servicePort }}}
{{- end }}
{{- if .Values.lookup.enabled }}
- {name: lookup, containerPort: {{ .Values.lookup.port }}, port: {{ .Values.lookup.servicePort }}}
{{- if .Values.lookup.tlsPort }}
- {name: tls-lookup, containerPort: {{ .Values.lookup.tlsPort }}, port: {{ .Values.lookup.tlsPort }}}
{{- end }}
{{- end }}
{{- if .Values.peer.enabled }}
- {name: peer, containerPort: {{ .Values.peer.port }}, port: {{ .Values.peer.port }}}
{{- if .Values.peer.tlsPort }}
- {name: tls-peer, containerPort: {{ .Values.peer.tlsPort }}, port: {{ .Values.peer.tlsPort }}}
{{- end }}
{{- end }}
{{- range $port := .Values.service.extraPorts }}
- {name: {{ $port.name }}, containerPort: {{ $port.containerPort }}, port: {{ $port.port }}}
{{- end }}
{{- end -}}

{{/* Each is a directory under /etc/lmcache-server: a part of a secret, never by subPath, which would not change. */}}
{{- define "lmcache-server.secrets" -}}
{{- with .Values.resp.passwordSecret.name }}
- {directory: password, secret: {{ . | quote }}, keys: [{{ $.Values.resp.passwordSecret.key | quote }}]}
{{- end }}
{{- with .Values.resp.usersSecret.name }}
- {directory: users, secret: {{ . | quote }}, keys: [{{ $.Values.resp.usersSecret.key | quote }}]}
{{- end }}
{{- if and .Values.admin.enabled .Values.admin.tokenSecret.name }}
- directory: admin
  secret: {{ .Values.admin.tokenSecret.name | quote }}
  keys: [{{ .Values.admin.tokenSecret.key | quote }}]
{{- end }}
{{- if .Values.tls.enabled }}
- directory: tls
  secret: {{ required "tls.secretName is empty; name the secret with the server's certificate"
    .Values.tls.secretName | quote }}
  keys: [{{ .Values.tls.certificateKey | quote }}, {{ .Values.tls.privateKeyKey | quote }}]
{{- if ne .Values.tls.clientAuth "none" }}
- directory: client-ca
  secret: {{ required "tls.clientCA.secretName is empty; name the secret with the authority of the clients"
    .Values.tls.clientCA.secretName | quote }}
  keys: [{{ .Values.tls.clientCA.key | quote }}]
{{- end }}
{{- end }}
{{- if and .Values.externalLookup.enabled .Values.externalLookup.tls.ca.secretName }}
- directory: lookup-ca
  secret: {{ .Values.externalLookup.tls.ca.secretName | quote }}
  keys: [{{ .Values.externalLookup.tls.ca.key | quote }}]
{{- end }}
{{- if and .Values.externalLookup.enabled .Values.externalLookup.tls.client.secretName }}
- directory: lookup-client
  secret: {{ .Values.externalLookup.tls.client.secretName | quote }}
  keys: [{{ .Values.externalLookup.tls.client.certificateKey | quote }}, {{ .Values.externalLookup.tls.client.privateKeyKey | quote }}]
{{- end }}
{{- end -}}

{{- define "lmcache-server.args" -}}
- --config
- /etc/lmcache-server/config/lmcache.yaml
- --port
- {{ .Values.containerPort | quote }}
{{- range $volume := .Values.disk.volumes }}
- --disk
- /var/cache/lmcache-server/{{ $volume.name }}
{{- end }}
{{- if .Values.disk.volumes }}
{{- with .Values.disk.size }}
- --disk-size
- {{ . | quote }}
{{- end }}
- --disk-grace
- {{ .Values.disk.graceSeconds | quote }}
{{- end }}
{{- if .Values.resp.passwordSecret.name }}
- --requirepass
- /etc/lmcache-server/password/{{ .Values.resp.passwordSecret.key }}
{{- end }}
{{- if .Values.resp.usersSecret.name }}
- --users
- /etc/lmcache-server/users/{{ .Values.resp.usersSecret.key }}
{{- end }}
{{- if .Values.admin.enabled }}
- --admin
- {{ printf "%s:%v" .Values.admin.host .Values.admin.port | quote }}
{{- with .Values.admin.tlsPort }}
- --tls-admin
- {{ printf "%s:%v" $.Values.admin.host . | quote }}
{{- end }}
{{- if .Values.admin.tokenSecret.name }}
- --admin-token-file
- /etc/lmcache-server/admin/{{ .Values.admin.tokenSecret.key }}
{{- end }}
{{- end }}
{{- include "lmcache-server.tlsArgs" . }}
{{- include "lmcache-server.sharingArgs" . }}
{{- range .Values.extraArgs }}
- {{ . | quote }}
{{- end }}
{{- end -}}

{{- define "lmcache-server.tlsArgs" -}}
{{- if .Values.tls.enabled }}
- --tls-port
- {{ .Values.tls.port | quote }}
- --tls-cert
- /etc/lmcache-server/tls/{{ .Values.tls.certificateKey }}
- --tls-key
- /etc/lmcache-server/tls/{{ .Values.tls.privateKeyKey }}
- --tls-min-version
- {{ .Values.tls.minVersion | quote }}
{{- if ne .Values.tls.clientAuth "none" }}
- --tls-client-auth
- {{ .Values.tls.clientAuth }}
- --tls-ca
- /etc/lmcache-server/client-ca/{{ .Values.tls.clientCA.key }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "lmcache-server.sharingArgs" -}}
{{- if .Values.lookup.enabled }}
- --lookup
- {{ printf ":%v" .Values.lookup.port | quote }}
{{- with .Values.lookup.memory }}
- --registry-memory
- {{ . | quote }}
{{- end }}
{{- with .Values.lookup.tlsPort }}
- --tls-lookup
- {{ printf ":%v" . | quote }}
{{- end }}
{{- end }}
{{- if .Values.peer.enabled }}
- --peer
- {{ printf ":%v" .Values.peer.port | quote }}
- --peer-advertise
{{- if .Values.peer.advertise }}
- {{ .Values.peer.advertise | quote }}
{{- else }}
- {{ printf "$(POD_NAME).%s.%s.svc:%v" (include "lmcache-server.headless" .) .Release.Namespace
  .Values.peer.port | quote }}
{{- end }}
{{- with .Values.peer.tlsPort }}
- --tls-peer
- {{ printf ":%v" . | quote }}
{{- end }}
{{- end }}
{{- if .Values.externalLookup.enabled }}
{{- if .Values.externalLookup.tls.ca.secretName }}
- --lookup-ca
- /etc/lmcache-server/lookup-ca/{{ .Values.externalLookup.tls.ca.key }}
{{- end }}
{{- if .Values.externalLookup.tls.client.secretName }}
- --lookup-cert
- /etc/lmcache-server/lookup-client/{{ .Values.externalLookup.tls.client.certificateKey }}
- --lookup-key
- /etc/lmcache-server/lookup-client/{{ .Values.externalLookup.tls.client.privateKeyKey }}
{{- end }}
{{- if .Values.externalLookup.tls.insecureSkipVerify }}
- --lookup-insecure-skip-verify
- "yes"
{{- end }}
{{- end }}
{{- end -}}
