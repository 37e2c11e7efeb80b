{{- define "lmcache-server.pod" -}}
serviceAccountName: {{ include "lmcache-server.serviceAccount" . }}
# The server does not use the API.
automountServiceAccountToken: false
# A service called lmcache-server would set LMCACHE_SERVER_PORT to a URL.
enableServiceLinks: false
terminationGracePeriodSeconds: {{ include "lmcache-server.grace" . }}
securityContext:
  {{- toYaml .Values.securityContext | nindent 2 }}
  {{- if not (hasKey .Values.securityContext "seccompProfile") }}
  seccompProfile:
    type: {{ .Values.seccompProfile.type }}
    {{- if eq .Values.seccompProfile.type "Localhost" }}
    localhostProfile: {{ .Values.seccompProfile.localhostProfile | quote }}
    {{- end }}
  {{- end }}
{{- include "lmcache-server.placement" . }}
{{- with .Values.initContainers }}
initContainers:
  {{- toYaml . | nindent 2 }}
{{- end }}
containers:
  - name: lmcache-server
    {{- include "lmcache-server.container" . | nindent 4 }}
  {{- with .Values.extraContainers }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
volumes:
  {{- include "lmcache-server.volumes" . | trim | nindent 2 }}
{{- end -}}

{{- define "lmcache-server.placement" -}}
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . | quote }}
{{- end }}
{{- with .Values.runtimeClassName }}
runtimeClassName: {{ . | quote }}
{{- end }}
{{- with .Values.schedulerName }}
schedulerName: {{ . | quote }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.topologySpreadConstraints }}
topologySpreadConstraints:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- if .Values.hostNetwork }}
hostNetwork: true
{{- end }}
dnsPolicy: {{ .Values.dnsPolicy | default (ternary "ClusterFirstWithHostNet" "ClusterFirst" .Values.hostNetwork) }}
{{- with .Values.dnsConfig }}
dnsConfig:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "lmcache-server.container" -}}
image: {{ include "lmcache-server.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
args:
  {{- include "lmcache-server.args" . | nindent 2 }}
{{- if or .Values.peer.enabled .Values.externalLookup.enabled .Values.extraEnv }}
env:
  {{- if .Values.peer.enabled }}
  - name: POD_NAME
    valueFrom:
      fieldRef:
        fieldPath: metadata.name
  {{- end }}
  {{- if .Values.externalLookup.enabled }}
  {{- include "lmcache-server.lookupEnv" . | trim | nindent 2 }}
  {{- end }}
  {{- with .Values.extraEnv }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}
{{- with .Values.extraEnvFrom }}
envFrom:
  {{- toYaml . | nindent 2 }}
{{- end }}
ports:
  {{- range $port := include "lmcache-server.ports" . | fromYamlArray }}
  - name: {{ $port.name }}
    containerPort: {{ $port.containerPort }}
    protocol: TCP
  {{- end }}
{{- with .Values.resources }}
resources:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.resizePolicy }}
resizePolicy:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- include "lmcache-server.probes" . }}
{{- with .Values.containerSecurityContext }}
securityContext:
  {{- toYaml . | nindent 2 }}
{{- end }}
volumeMounts:
  - name: config
    mountPath: /etc/lmcache-server/config
    readOnly: true
  {{- range $secret := include "lmcache-server.secrets" . | fromYamlArray }}
  - name: {{ $secret.directory }}
    mountPath: /etc/lmcache-server/{{ $secret.directory }}
    readOnly: true
  {{- end }}
  {{- range $volume := .Values.disk.volumes }}
  - name: {{ $volume.name }}
    mountPath: /var/cache/lmcache-server/{{ $volume.name }}
  {{- end }}
  {{- with .Values.extraVolumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{- define "lmcache-server.probes" -}}
{{- if .Values.startupProbe.enabled }}
startupProbe:
  httpGet:
    path: /livez
    port: lm
  periodSeconds: {{ .Values.startupProbe.periodSeconds }}
  timeoutSeconds: {{ .Values.startupProbe.timeoutSeconds }}
  {{- $probes := divf .Values.slowStart.maxStartupSeconds .Values.startupProbe.periodSeconds }}
  failureThreshold: {{ ceil $probes | int }}
{{- end }}
{{- if .Values.livenessProbe.enabled }}
livenessProbe:
  httpGet:
    path: /livez
    port: lm
  {{- omit .Values.livenessProbe "enabled" | toYaml | nindent 2 }}
{{- end }}
{{- if .Values.readinessProbe.enabled }}
readinessProbe:
  httpGet:
    path: /readyz
    port: lm
  {{- omit .Values.readinessProbe "enabled" | toYaml | nindent 2 }}
{{- end }}
{{- end -}}
