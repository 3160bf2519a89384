{{- /* What both configurations have in common. */ -}}
{{- define "redis-memory-guard.configurationMetadata" -}}
name: {{ include "redis-memory-guard.fullname" . }}
labels:
  {{- include "redis-memory-guard.labels" . | nindent 2 }}
{{- $annotations := deepCopy .Values.webhookAnnotations -}}
{{- if eq .Values.certificates.mode "certManager" -}}
{{- $certificate := printf "%s/%s-tls" (include "redis-memory-guard.namespace" .) (include "redis-memory-guard.fullname" .) -}}
{{- $_ := set $annotations "cert-manager.io/inject-ca-from" $certificate -}}
{{- end }}
{{- with $annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- /* How one webhook is called: (dict "root" $ "path" "/mutate"). */ -}}
{{- define "redis-memory-guard.clientConfig" -}}
{{- /* In the other modes caBundle is published by who issues, and no field of ours. */ -}}
{{- with .root.Values.certificates -}}
{{- if eq .mode "existing" -}}
caBundle: {{ .existing.caBundle | b64enc }}
{{ end -}}
{{- end -}}
service:
  name: {{ include "redis-memory-guard.fullname" .root }}
  namespace: {{ include "redis-memory-guard.namespace" .root }}
  path: {{ .path }}
  port: 443
{{- end -}}

{{- define "redis-memory-guard.webhook" -}}
admissionReviewVersions: [v1]
matchPolicy: Equivalent
sideEffects: None
# By the name that the API server itself sets on every namespace.
namespaceSelector:
  matchExpressions:
    - key: kubernetes.io/metadata.name
      operator: NotIn
      values:
        {{- concat (list "kube-system" (include "redis-memory-guard.namespace" .)) .Values.exemptNamespaces | uniq | toYaml | nindent 8 }}
{{- end -}}

{{- /* In audit mode nothing of ours may hold up anything: (dict "root" $ "chosen" "Fail"). */ -}}
{{- define "redis-memory-guard.failurePolicy" -}}
{{- ternary "Ignore" .chosen (eq .root.Values.mode "audit") -}}
{{- end -}}

{{- define "redis-memory-guard.mayRunRedis" -}}
- name: may-run-redis
  expression: |-
    {{ include "redis-memory-guard.generatedExpression" . }}
{{- end -}}

{{- /* The administrator's own images, as alternatives of the pattern: `|mirror/redis|…`. */ -}}
{{- define "redis-memory-guard.ownImages" -}}
{{- range dig "images" "add" (list) .Values.policy -}}
|{{ include "redis-memory-guard.imagePath" .repository }}
{{- end -}}
{{- end -}}

{{- /* A glob over registry/repository, as the pattern of what stands behind any registry. */ -}}
{{- define "redis-memory-guard.imagePath" -}}
{{- $path := trimPrefix "*/" . -}}
{{- $head := splitList "/" $path | first -}}
{{- if and (contains "/" $path) (regexMatch "[.:]" $head) -}}
{{- $path = $path | trimPrefix (printf "%s/" $head) | trimPrefix "*/" -}}
{{- end -}}
{{- $path | trimPrefix "library/" | replace "." "\\." | replace "*" "[^:@]*" | replace "?" "[^:@]" -}}
{{- end -}}
