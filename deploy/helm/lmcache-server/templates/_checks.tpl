{{/* What would not work is refused here, in words that say what to do; single values are the schema's. */}}
{{- define "lmcache-server.checks" -}}
{{- $several := or (gt (int .Values.replicaCount) 1) .Values.autoscaling.enabled .Values.keda.enabled -}}
{{- if and .Values.autoscaling.enabled .Values.keda.enabled -}}
{{- fail "autoscaling.enabled and keda.enabled: two would move the same number; choose one" -}}
{{- end -}}
{{- range $name, $scaler := dict "autoscaling" .Values.autoscaling "keda" .Values.keda -}}
{{- if and $scaler.enabled (gt (int $scaler.minReplicas) (int $scaler.maxReplicas)) -}}
{{- fail (printf "%s.minReplicas %v is more than %s.maxReplicas %v" $name $scaler.minReplicas $name $scaler.maxReplicas) -}}
{{- end -}}
{{- end -}}
{{- if and .Values.keda.enabled (not (or .Values.keda.prometheus.query .Values.metrics.serviceMonitor.enabled)) -}}
{{- fail "keda.enabled: its query goes by labels of a ServiceMonitor; set metrics.serviceMonitor.enabled or keda.prometheus.query" -}}
{{- end -}}
{{- if not .Values.disk.volumes -}}
{{- range $name, $_ := .Values.server -}}
{{- if hasPrefix "disk_" $name -}}
{{- fail (printf "server.%s is about a disk; name one in disk.volumes" $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- range $volume := .Values.disk.volumes -}}
{{- if and $several (eq $volume.type "existingClaim") -}}
{{- fail (printf "disk.volumes: the claim of %s is for one server; with several replicas use type pvc" $volume.name) -}}
{{- end -}}
{{- if and (eq $volume.type "emptyDir") (not $.Values.disk.size) -}}
{{- fail (printf "disk.size is empty: a pod is evicted when its emptyDir %s is full; give less than %s"
  $volume.name $volume.size) -}}
{{- end -}}
{{- if and $.Values.disk.size (has $volume.type (list "pvc" "emptyDir")) -}}
{{- $most := include "lmcache-server.bytes" $volume.size | float64 -}}
{{- if ge (include "lmcache-server.bytes" $.Values.disk.size | float64) $most -}}
{{- fail (printf "disk.size %s has to be less than the %s of %s" $.Values.disk.size $volume.size $volume.name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if kindIs "invalid" .Values.terminationGracePeriodSeconds | not -}}
{{- if lt (int .Values.terminationGracePeriodSeconds) (include "lmcache-server.graceLeast" . | int) -}}
{{- fail (printf "terminationGracePeriodSeconds is less than the %s s that a drain and disk.graceSeconds take"
  (include "lmcache-server.graceLeast" .)) -}}
{{- end -}}
{{- end -}}
{{- include "lmcache-server.portChecks" . -}}
{{- $isAlone := and (eq .Values.admin.host "127.0.0.1") (not .Values.hostNetwork) -}}
{{- if and .Values.admin.enabled (not $isAlone) (not .Values.admin.tokenSecret.name) -}}
{{- fail "admin.tokenSecret.name is empty: beyond 127.0.0.1 of a pod's own network the administration takes a token" -}}
{{- end -}}
{{- if and .Values.externalLookup.enabled (not .Values.peer.enabled) -}}
{{- fail "externalLookup.enabled: chunks are announced under peer's address; set peer.enabled" -}}
{{- end -}}
{{- if .Values.externalLookup.enabled -}}
{{- include "lmcache-server.lookupChecks" . -}}
{{- include "lmcache-server.lookupTLSChecks" . -}}
{{- end -}}
{{- if and (or .Values.lookup.tlsPort .Values.peer.tlsPort .Values.admin.tlsPort) (not .Values.tls.enabled) -}}
{{- fail "lookup.tlsPort, peer.tlsPort and admin.tlsPort take tls.enabled and its certificate" -}}
{{- end -}}
{{- end -}}

{{/* On one port the program cannot open two doors, nor a service have two. Only service.extraPorts may repeat a door that is in
no service otherwise: the administration, server.lm. */}}
{{- define "lmcache-server.portChecks" -}}
{{- $names := dict "lm" "containerPort" "tls" "tls.port" "lookup" "lookup.port" "tls-lookup" "lookup.tlsPort"
  "peer" "peer.port" "tls-peer" "peer.tlsPort" -}}
{{- $shown := merge (dict "lm" "service.port" "tls" "tls.servicePort" "lookup" "lookup.servicePort") $names -}}
{{- $doors := list -}}
{{- if .Values.admin.enabled -}}
{{- $doors = append $doors (list "admin.port" .Values.admin.port) -}}
{{- with .Values.admin.tlsPort -}}
{{- $doors = append $doors (list "admin.tlsPort" .) -}}
{{- end -}}
{{- end -}}
{{- with regexFind ":[0-9]+$" (get .Values.server "lm" | toString) -}}
{{- $doors = append $doors (list "server.lm" (trimPrefix ":" .)) -}}
{{- end -}}
{{- $headless := list -}}
{{- $service := list -}}
{{- range $port := include "lmcache-server.ports" . | fromYamlArray -}}
{{- $extra := printf "of %s in service.extraPorts" $port.name -}}
{{- $door := get $names $port.name | default (printf "containerPort %s" $extra) -}}
{{- $headless = append $headless (list $door $port.containerPort) -}}
{{- if hasKey $names $port.name -}}
{{- $doors = append $doors (list $door $port.containerPort) -}}
{{- end -}}
{{- $service = append $service (list (get $shown $port.name | default (printf "port %s" $extra)) $port.port) -}}
{{- end -}}
{{- include "lmcache-server.distinct" $doors -}}
{{- include "lmcache-server.distinct" $headless -}}
{{- include "lmcache-server.distinct" $service -}}
{{- end -}}

{{/* A list of (list NAME PORT). */}}
{{- define "lmcache-server.distinct" -}}
{{- $taken := dict -}}
{{- range . -}}
{{- $port := index . 1 | toString -}}
{{- if hasKey $taken $port -}}
{{- fail (printf "%s and %s are both %s; give each a port of its own" (get $taken $port) (index . 0) $port) -}}
{{- end -}}
{{- $_ := set $taken $port (index . 0) -}}
{{- end -}}
{{- end -}}

{{/* Of an external registry nothing is passed over in silence. A port that is 6379 cannot be told from one that was not
set. */}}
{{- define "lmcache-server.lookupChecks" -}}
{{- $extern := .Values.externalLookup -}}
{{- $port := ternary "" $extern.port (eq (int $extern.port) 6379) -}}
{{- range $pair := list (list "url" $extern.url "urlKey" $extern.urlKey) (list "host" $extern.host "hostKey" $extern.hostKey)
  (list "port" $port "portKey" $extern.portKey) (list "user" $extern.user "userKey" $extern.userKey) -}}
{{- if and (index $pair 1) (index $pair 3) -}}
{{- fail (printf "externalLookup.%s and externalLookup.%s say the same; choose one" (index $pair 0) (index $pair 2)) -}}
{{- end -}}
{{- end -}}
{{- $ignored := dict -}}
{{- if or $extern.url $extern.urlKey -}}
{{- $ignored = merge (dict "port" $port) (pick $extern "host" "hostKey" "portKey" "database") -}}
{{- end -}}
{{- $credentials := include "lmcache-server.lookupCredentials" . -}}
{{- if or $extern.urlKey (contains ":" $credentials) -}}
{{- $ignored = merge $ignored (pick $extern "user" "userKey" "passwordKey") -}}
{{- else if $credentials -}}
{{- $ignored = merge $ignored (pick $extern "user" "userKey") -}}
{{- end -}}
{{- range $name, $given := $ignored -}}
{{- if $given -}}
{{- fail (printf "externalLookup.%s would be ignored beside %s, which has to say it itself; leave one of them out" $name
  (ternary "urlKey" "url" (ne $extern.urlKey ""))) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Of a URL in a secret only the program sees how it begins: it refuses certificates that are of no use. */}}
{{- define "lmcache-server.lookupTLSChecks" -}}
{{- $extern := .Values.externalLookup -}}
{{- if and $extern.tls.enabled (or $extern.urlKey (hasPrefix "redis://" $extern.url)) -}}
{{- fail "externalLookup.tls.enabled does not make a URL one for TLS: let it begin with rediss://, and leave this out" -}}
{{- end -}}
{{- if not (or $extern.tls.enabled $extern.urlKey (hasPrefix "rediss://" $extern.url)) -}}
{{- range $name, $given := dict "ca" $extern.tls.ca.secretName "client" $extern.tls.client.secretName
  "insecureSkipVerify" $extern.tls.insecureSkipVerify -}}
{{- if $given -}}
{{- fail (printf "externalLookup.tls.%s without TLS: set externalLookup.tls.enabled, or give a URL with rediss://" $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if and $extern.tls.ca.secretName $extern.tls.insecureSkipVerify -}}
{{- fail "externalLookup.tls.insecureSkipVerify believes everybody, which leaves tls.ca without use; drop one of them" -}}
{{- end -}}
{{- end -}}

{{/* 20 s are a drain's, and 10 s are left for the rest. */}}
{{- define "lmcache-server.graceLeast" -}}
{{- if .Values.disk.volumes -}}
{{- max 30 (add 10 (int .Values.disk.graceSeconds)) -}}
{{- else -}}
30
{{- end -}}
{{- end -}}

{{- define "lmcache-server.grace" -}}
{{- if kindIs "invalid" .Values.terminationGracePeriodSeconds -}}
{{- include "lmcache-server.graceLeast" . -}}
{{- else -}}
{{- int .Values.terminationGracePeriodSeconds -}}
{{- end -}}
{{- end -}}

{{/* Of a size as Kubernetes or the program write it: 450Gi, 450GiB, 450G. */}}
{{- define "lmcache-server.bytes" -}}
{{- $text := . | toString | trimSuffix "B" -}}
{{- $number := regexFind "^[0-9]+" $text | float64 -}}
{{- $unit := trimPrefix (regexFind "^[0-9]+" $text) $text -}}
{{- $powers := dict "K" 1 "M" 2 "G" 3 "T" 4 -}}
{{- $base := ternary 1024.0 1000.0 (hasSuffix "i" $unit) -}}
{{- range until (int (get $powers (trimSuffix "i" $unit))) -}}
{{- $number = mulf $number $base -}}
{{- end -}}
{{- printf "%.0f" $number -}}
{{- end -}}
