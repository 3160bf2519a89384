{{- /* Values that contradict each other, or that would be found out only by a Pod that does not start: a line each. */ -}}
{{- define "redis-memory-guard.problems" -}}
{{- if not .Values.image.repository -}}
image.repository is not set: build the image with the Dockerfile, push it to a registry that your nodes pull from, and say where it is, such as --set image.repository=registry.example.com/redis-memory-guard
{{- else -}}
{{- include "redis-memory-guard.contradictions" . -}}
{{- end -}}
{{- end -}}

{{- define "redis-memory-guard.contradictions" -}}
{{- include "redis-memory-guard.imageProblems" . -}}
{{- include "redis-memory-guard.labelProblems" . -}}
{{- include "redis-memory-guard.webhookProblems" . -}}
{{- include "redis-memory-guard.testProblems" . -}}
{{- if eq .Values.certificates.mode "self" -}}
{{- include "redis-memory-guard.lifetimeProblems" .Values.certificates.self -}}
{{- end -}}
{{- if and (not .Values.serviceAccount.create) (not .Values.serviceAccount.name) }}
serviceAccount.name: has to be given where serviceAccount.create is false
{{- end -}}
{{- if hasKey .Values.policy "mode" }}
policy.mode: the mode is a value of its own, as the failure policies depend on it: mode: {{ .Values.policy.mode }}
{{- end -}}
{{- end -}}

{{- define "redis-memory-guard.imageProblems" -}}
{{- $repository := .Values.image.repository -}}
{{- $head := splitList "/" $repository | first -}}
{{- if and (include "redis-memory-guard.imageRegistry" .) (contains "/" $repository) (or (regexMatch "[.:]" $head) (eq $head "localhost")) }}
image.repository: {{ $head }} is a registry, and so is {{ empty .Values.global.imageRegistry | ternary "image.registry" "global.imageRegistry" }}: give it in image.registry, which global.imageRegistry takes the place of
{{- end -}}
{{- end -}}

{{- define "redis-memory-guard.labelProblems" -}}
{{- $own := include "redis-memory-guard.ownLabels" . | splitList " " -}}
{{- range $value, $labels := dict "commonLabels" .Values.commonLabels "podLabels" .Values.podLabels "serviceMonitor.labels" .Values.serviceMonitor.labels "prometheusRule.labels" .Values.prometheusRule.labels "dashboard.labels" .Values.dashboard.labels -}}
{{- range $key, $_ := $labels -}}
{{- if has $key $own }}
{{ $value }}: {{ $key }} is a label that the chart itself sets
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "redis-memory-guard.webhookProblems" -}}
{{- with .Values.webhook -}}
{{- if eq (int .port) (int .metricsPort) }}
webhook.port, webhook.metricsPort: have to differ
{{- end -}}
{{- if and .hostNetwork (has 10250 (list (int .port) (int .metricsPort))) }}
webhook.hostNetwork: port 10250 of the node is the kubelet's
{{- end -}}
{{- $evicted := .disruptionBudget.maxUnavailable | toString -}}
{{- if hasSuffix "%" $evicted -}}
{{- $evicted = divf (mulf (trimSuffix "%" $evicted | atoi) .replicas) 100 | ceil -}}
{{- end -}}
{{- if and .disruptionBudget.enabled (gt (int .replicas) 1) (ge (int $evicted) (int .replicas)) }}
webhook.disruptionBudget.maxUnavailable: {{ .disruptionBudget.maxUnavailable }} of {{ .replicas }} replicas is all of them
{{- end -}}
{{- end -}}
{{- $needed := add .Values.webhook.replicas 2 -}}
{{- if and .Values.resourceQuota.enabled (gt $needed (int64 .Values.resourceQuota.pods)) }}
resourceQuota.pods: has to be at least {{ $needed }}: the replicas, one more in a roll-out, and the certs process
{{- end -}}
{{- end -}}

{{- define "redis-memory-guard.testProblems" -}}
{{- $namespace := .Values.tests.namespace -}}
{{- if eq $namespace (include "redis-memory-guard.namespace" .) }}
tests.namespace: no webhook is called for {{ $namespace }}, as the release is there: install it into a namespace of its own
{{- else if has $namespace (append .Values.exemptNamespaces "kube-system") }}
tests.namespace: no webhook is called for {{ $namespace }}, which is exempt
{{- end -}}
{{- $isFirst := true -}}
{{- range $index, $rule := .Values.policy.rules -}}
{{- $globs := list -}}
{{- range $rule.namespaces -}}
{{- $globs = . | replace "." "\\." | replace "*" ".*" | replace "?" "." | replace "[!" "[^" | append $globs -}}
{{- end -}}
{{- if and $isFirst (not $rule.labels) (regexMatch (printf "^(%s)$" (join "|" $globs)) $namespace) -}}
{{- $isFirst = false -}}
{{- if $rule.exempt }}
tests.namespace: policy.rules[{{ $index }}] exempts {{ $namespace }}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- /* What the certs process would refuse to start with: the same bounds as its own. */ -}}
{{- define "redis-memory-guard.lifetimeProblems" -}}
{{- $seconds := dict -}}
{{- range list "caLifetime" "servingLifetime" "bundlePropagation" "servingPropagation" -}}
{{- $_ := set $seconds . (include "redis-memory-guard.seconds" (get $ .) | int64) -}}
{{- end -}}
{{- range $name, $least := dict "servingLifetime" "1h" "bundlePropagation" "30s" "servingPropagation" "3m" -}}
{{- if lt (get $seconds $name) (include "redis-memory-guard.seconds" $least | int64) }}
certificates.self.{{ $name }}: has to be at least {{ $least }}
{{- end -}}
{{- end -}}
{{- if lt $seconds.caLifetime (mul 3 $seconds.servingLifetime) }}
certificates.self.caLifetime: has to be three times servingLifetime, to outlive each certificate
{{- end -}}
{{- if gt (mul 6 (add $seconds.bundlePropagation $seconds.servingPropagation)) $seconds.servingLifetime }}
certificates.self.bundlePropagation, servingPropagation: together at most a sixth of servingLifetime
{{- end -}}
{{- end -}}

{{- /* A duration such as 365d or 1h30m in seconds. */ -}}
{{- define "redis-memory-guard.seconds" -}}
{{- $text := . -}}
{{- $total := 0 -}}
{{- range $unit, $seconds := dict "d" 86400 "h" 3600 "m" 60 "s" 1 -}}
{{- with regexFind (printf "[0-9]+%s" $unit) $text -}}
{{- $total = add $total (mul $seconds (trimSuffix $unit . | atoi)) -}}
{{- end -}}
{{- end -}}
{{- $total -}}
{{- end -}}
