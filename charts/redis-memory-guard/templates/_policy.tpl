{{- /* The policy file: the value `policy`, and the mode, which also decides the failure policies. */ -}}
{{- define "redis-memory-guard.policy" -}}
{{ merge (dict "mode" .Values.mode) .Values.policy | toYaml }}
{{- end -}}
