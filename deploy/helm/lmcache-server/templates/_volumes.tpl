{{- define "lmcache-server.volumes" -}}
- name: config
  configMap:
    name: {{ include "lmcache-server.fullname" . }}
{{- range $secret := include "lmcache-server.secrets" . | fromYamlArray }}
- name: {{ $secret.directory }}
  secret:
    secretName: {{ $secret.secret | quote }}
    # For its owner and the pod's fsGroup.
    defaultMode: 0440
    items:
      {{- range $key := $secret.keys }}
      - key: {{ $key | quote }}
        path: {{ $key | quote }}
      {{- end }}
{{- end }}
{{- range $volume := .Values.disk.volumes }}
{{- if eq $volume.type "existingClaim" }}
- name: {{ $volume.name }}
  persistentVolumeClaim:
    claimName: {{ $volume.claimName | quote }}
{{- else if eq $volume.type "emptyDir" }}
- name: {{ $volume.name }}
  emptyDir:
    sizeLimit: {{ $volume.size | quote }}
    {{- with $volume.medium }}
    medium: {{ . | quote }}
    {{- end }}
{{- else if eq $volume.type "hostPath" }}
- name: {{ $volume.name }}
  hostPath:
    path: {{ $volume.path | quote }}
    type: {{ $volume.hostPathType | default "Directory" }}
{{- end }}
{{- end }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "lmcache-server.claims" -}}
{{- $claims := list -}}
{{- range $volume := .Values.disk.volumes -}}
{{- if eq $volume.type "pvc" -}}
{{- $claims = append $claims $volume -}}
{{- end -}}
{{- end -}}
{{- if $claims -}}
persistentVolumeClaimRetentionPolicy:
  {{- toYaml .Values.disk.claimRetention | nindent 2 }}
volumeClaimTemplates:
  {{- range $volume := $claims }}
  - apiVersion: v1
    kind: PersistentVolumeClaim
    metadata:
      name: {{ $volume.name }}
      labels:
        {{- $labels := merge (include "lmcache-server.selector" $ | fromYaml) ($volume.labels | default dict) }}
        {{- toYaml $labels | nindent 8 }}
      {{- with $volume.annotations }}
      annotations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
    spec:
      accessModes:
        {{- toYaml ($volume.accessModes | default (list "ReadWriteOnce")) | nindent 8 }}
      {{- if hasKey $volume "storageClassName" }}
      storageClassName: {{ $volume.storageClassName | quote }}
      {{- end }}
      {{- with $volume.selector }}
      selector:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      resources:
        requests:
          storage: {{ $volume.size | quote }}
  {{- end }}
{{- end -}}
{{- end -}}
