{{- /*
The alerts, as a list in YAML. Each is a heading of docs/runbooks.md, and has a unit test in tests/chart/alert_cases.py.

A counter of the API server has no child before its first event, and increase() does not see the first: so a child that is
new, on an API server that was scraped before, counts too.
*/ -}}
{{- define "redis-memory-guard.alerts" -}}
{{- $ours := `name=~"[a-z-]+[.]redis-memory-guard[.]dev"` -}}
{{- $refused := printf `apiserver_admission_webhook_rejection_count{%s, error_type!="no_error"}` $ours -}}
{{- $opened := printf `apiserver_admission_webhook_fail_open_count{%s}` $ours -}}
- alert: RedisMemoryGuardBlocksRedis
  expr: |-
    sum by (name, error_type) (increase({{ $refused }}[10m])) > 0
    or
    sum by (name, error_type) (
      ({{ $refused }} unless {{ $refused }} offset 10m)
      and on (job, instance) (up offset 10m == 1)
    ) > 0
  for: 1m
  labels:
    severity: critical
  annotations:
    summary: {{ `The API server refuses Redis Pods, as {{ $labels.name }} cannot be called ({{ $labels.error_type }}).` | quote }}
- alert: RedisMemoryGuardFailsOpen
  expr: |-
    sum by (name) (increase({{ $opened }}[10m])) > 0
    or
    sum by (name) (
      ({{ $opened }} unless {{ $opened }} offset 10m)
      and on (job, instance) (up offset 10m == 1)
    ) > 0
  for: 1m
  labels:
    severity: warning
  annotations:
    summary: {{ `The API server goes on without {{ $labels.name }}, as nobody answers: Redis gets no ceiling.` | quote }}
- alert: RedisMemoryGuardDown
  expr: absent(redis_memory_guard_ready == 1)
  for: 5m
  labels:
    severity: critical
  annotations:
    summary: No replica of the webhook is ready, or none is scraped.
{{- if gt (int .Values.webhook.replicas) 1 }}
- alert: RedisMemoryGuardOneReplica
  expr: count(redis_memory_guard_ready == 1) == 1
  for: 15m
  labels:
    severity: warning
  annotations:
    summary: Only one replica of the webhook is ready, of {{ .Values.webhook.replicas }}.
{{- end }}
- alert: RedisMemoryGuardSlow
  expr: |-
    histogram_quantile(0.99, sum by (webhook, le) (rate(redis_memory_guard_review_duration_seconds_bucket[10m]))) > 0.25
    or
    histogram_quantile(0.99, sum by (name, le) (rate(apiserver_admission_webhook_admission_duration_seconds_bucket{ {{- $ours -}} }[10m]))) > 0.5
  for: 15m
  labels:
    severity: warning
  annotations:
    summary: {{ `One of a hundred calls of {{ $labels.webhook }}{{ $labels.name }} takes {{ $value | humanizeDuration }} or more.` | quote }}
- alert: RedisMemoryGuardCertificateExpires
  expr: redis_memory_guard_certificate_expiry_timestamp_seconds - time() < {{ include "redis-memory-guard.certificateMargin" . }}
  for: 15m
  labels:
    severity: critical
  annotations:
    summary: {{ `The certificate that {{ $labels.instance }} serves ends in {{ $value | humanizeDuration }}.` | quote }}
- alert: RedisMemoryGuardNoCertificate
  expr: redis_memory_guard_ready unless redis_memory_guard_certificate_expiry_timestamp_seconds
  for: 5m
  labels:
    severity: critical
  annotations:
    summary: {{ `{{ $labels.instance }} has no certificate to serve with.` | quote }}
{{- if eq .Values.certificates.mode "self" }}
- alert: RedisMemoryGuardAuthorityExpires
  expr: redis_memory_guard_certs_certificate_expiry_timestamp_seconds{certificate="ca"} - time() < {{ div (include "redis-memory-guard.seconds" .Values.certificates.self.caLifetime | int64) 6 }}
  for: 15m
  labels:
    severity: warning
  annotations:
    summary: {{ `The CA that signs the webhook's certificate ends in {{ $value | humanizeDuration }}, and is not rotated.` | quote }}
- alert: RedisMemoryGuardCertsStalled
  expr: |-
    time() - redis_memory_guard_certs_last_success_timestamp_seconds > 3600
    or
    absent(redis_memory_guard_certs_last_success_timestamp_seconds)
  for: 15m
  labels:
    severity: warning
  annotations:
    summary: The certificate process has not found everything in order for an hour, or is not scraped.
{{- end }}
- alert: RedisMemoryGuardCaBundleRefused
  expr: sum(increase(redis_memory_guard_tls_handshake_failures_total{cause="refused-by-peer"}[10m])) > 0
  for: 5m
  labels:
    severity: warning
  annotations:
    summary: Whoever calls the webhook does not accept its certificate.
- alert: RedisMemoryGuardInternalError
  expr: sum by (webhook) (increase(redis_memory_guard_internal_errors_total[10m])) > 0
  labels:
    severity: warning
  annotations:
    summary: {{ `A bug was met ({{ $labels.webhook }}); the log has its traceback.` | quote }}
- alert: RedisMemoryGuardConfigMapsUnreadable
  expr: sum by (outcome) (increase(redis_memory_guard_config_map_reads_total{outcome=~"forbidden|timed-out|failed"}[10m])) > 0
  for: 5m
  labels:
    severity: warning
  annotations:
    summary: {{ `ConfigMaps that configure Redis cannot be read ({{ $labels.outcome }}): ceilings are chosen without them.` | quote }}
- alert: RedisMemoryGuardPolicyDiffers
  expr: count(count by (sha256) (redis_memory_guard_policy_info)) > 1
  for: 15m
  labels:
    severity: warning
  annotations:
    summary: {{ `The replicas follow {{ $value }} different policies.` | quote }}
- alert: RedisMemoryGuardDenies
  expr: sum by (webhook) (increase(redis_memory_guard_reviews_total{allowed="false", dry_run="false"}[1h])) > 0
  labels:
    severity: info
  annotations:
    summary: {{ `{{ $value | humanize }} Redis Pods were refused within an hour ({{ $labels.webhook }}).` | quote }}
- alert: GuardedRedisOOMKilled
  expr: |-
    max by (namespace, pod, container) (
      kube_pod_container_status_last_terminated_reason{reason="OOMKilled"} == 1
      and on (namespace, pod, container) increase(kube_pod_container_status_restarts_total[15m]) > 0
      or
      kube_pod_container_status_terminated_reason{reason="OOMKilled"} == 1
    )
    * on (namespace, pod) group_left ()
    max by (namespace, pod) (kube_pod_labels{label_redis_memory_guard_dev_guarded="true"})
    {{- if .Values.audit.enabled }}
    or on (namespace)
    redis_memory_guard_servers_oom_killed{guarded="true"} > 0
    {{- end }}
  labels:
    severity: warning
  annotations:
    summary: {{ `A Redis in {{ $labels.namespace }} ({{ $labels.pod }}) was killed for memory in spite of its ceiling.` | quote }}
{{- if .Values.audit.enabled }}
- alert: RedisUnguarded
  expr: redis_memory_guard_servers_unguarded > 0
  for: 1h
  labels:
    severity: info
  annotations:
    summary: {{ `{{ $value }} Redis servers in {{ $labels.namespace }} run without a ceiling.` | quote }}
- alert: RedisMemoryGuardAuditStale
  expr: |-
    time() - redis_memory_guard_audit_last_success_timestamp_seconds > {{ mul 3 .Values.audit.intervalSeconds }}
    or
    absent(redis_memory_guard_audit_last_success_timestamp_seconds)
  for: 30m
  labels:
    severity: info
  annotations:
    summary: The audit has not looked at the whole cluster for three of its intervals.
{{- end }}
{{- end -}}

{{- /* Half of the time between the renewal, at two thirds of a life, and the end; a week where somebody else renews. */ -}}
{{- define "redis-memory-guard.certificateMargin" -}}
{{- $life := dict "self" .Values.certificates.self.servingLifetime "certManager" .Values.certificates.certManager.duration "existing" "42d" -}}
{{- div (include "redis-memory-guard.seconds" (get $life .Values.certificates.mode) | int64) 6 -}}
{{- end -}}
