{{/* Names, labels and the image. */}}
{{- define "lmcache-server.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 52 | trimSuffix "-" -}}
{{- end -}}

{{/* Short enough for the names that are made of it: of a pod, a claim, the headless service. */}}
{{- define "lmcache-server.fullname" -}}
{{- $name := include "lmcache-server.name" . -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "lmcache-server.headless" -}}
{{- include "lmcache-server.fullname" . }}-headless
{{- end -}}

{{- define "lmcache-server.selector" -}}
app.kubernetes.io/name: {{ include "lmcache-server.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: cache
{{- end -}}

{{/* The chart's labels win over those of the values, since selectors go by them. */}}
{{- define "lmcache-server.labels" -}}
{{- $own := include "lmcache-server.selector" . | fromYaml -}}
{{- $own = merge $own (dict
  "app.kubernetes.io/version" (.Chart.AppVersion | toString)
  "app.kubernetes.io/managed-by" .Release.Service
  "helm.sh/chart" (printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_")) -}}
{{- toYaml (merge $own .Values.commonLabels) -}}
{{- end -}}

{{/* Name, namespace, labels and annotations of an object: (list . NAME LABELS ANNOTATIONS NAMESPACE). */}}
{{- define "lmcache-server.metadata" -}}
{{- $top := index . 0 -}}
{{- $labels := merge (include "lmcache-server.labels" $top | fromYaml) (index . 2) -}}
{{- $annotations := merge (dict) (index . 3) $top.Values.commonAnnotations -}}
name: {{ index . 1 }}
namespace: {{ index . 4 | default $top.Release.Namespace }}
labels:
  {{- toYaml $labels | nindent 2 }}
{{- with $annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "lmcache-server.image" -}}
{{- $name := .Values.image.repository -}}
{{- if .Values.image.registry -}}
{{- $name = printf "%s/%s" (trimSuffix "/" .Values.image.registry) $name -}}
{{- end -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" $name .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" $name (.Values.image.tag | default .Chart.AppVersion) -}}
{{- end -}}
{{- end -}}

{{- define "lmcache-server.serviceAccount" -}}
{{- if .Values.serviceAccount.name -}}
{{- .Values.serviceAccount.name -}}
{{- else if .Values.serviceAccount.create -}}
{{- include "lmcache-server.fullname" . -}}
{{- else -}}
default
{{- end -}}
{{- end -}}
