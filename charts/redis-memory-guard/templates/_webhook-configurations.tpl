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

{{- /* What the namespaces that no rule names get: (dict "root" $ "chosen" "Fail"). */ -}}
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

{{- /* What the policy decides for each namespace, by its rules in their order: `enforced`, `audited` or
`exempt`. An entry of a configuration has one failure policy, so namespaces that differ need two. */ -}}
{{- define "redis-memory-guard.handlings" -}}
{{- $default := ternary "audited" "enforced" (eq .Values.mode "audit") -}}
{{- $decided := list -}}
{{- range dig "rules" (list) .Values.policy -}}
{{- $mode := ternary "audited" "enforced" (eq (.mode | default $.Values.mode) "audit") -}}
{{- $decided = append $decided (dict "globs" .namespaces "handling" (ternary "exempt" $mode (.exempt | default false))) -}}
{{- end -}}
{{- dict "default" $default "decided" $decided | toYaml -}}
{{- end -}}

{{- /* The expression that is true where a namespace is handled so: `true` where all are, nothing where none is:
(dict "root" $ "handling" "audited"). */ -}}
{{- define "redis-memory-guard.handled" -}}
{{- $all := include "redis-memory-guard.handlings" .root | fromYaml -}}
{{- $last := -1 -}}
{{- $found := list $all.default -}}
{{- range $index, $each := $all.decided -}}
{{- if ne $each.handling $all.default -}}{{- $last = $index -}}{{- end -}}
{{- $found = append $found $each.handling -}}
{{- end -}}
{{- $found = uniq $found -}}
{{- if and (eq (len $found) 1) (has .handling $found) -}}
true
{{- else if has .handling $found -}}
(
{{- range $index, $each := $all.decided -}}
{{- if le $index $last -}}
{{- $patterns := list -}}
{{- range $each.globs -}}
{{- $patterns = append $patterns (. | replace "[!" "[^" | replace "?" "." | replace "*" ".*") -}}
{{- end -}}
request.namespace.matches('^({{ join "|" $patterns }})$') ? '{{ $each.handling }}' : {{ print "" -}}
{{- end -}}
{{- end -}}
'{{ $all.default }}') == '{{ .handling }}'
{{- end -}}
{{- end -}}

{{- /* The entries of one webhook, a failure policy each: (dict "root" $ "name" "validate" "chosen" "Fail").
Where namespaces are audited nothing of ours may hold up anything. Exempt ones are in no entry. */ -}}
{{- define "redis-memory-guard.entries" -}}
{{- $enforced := include "redis-memory-guard.handled" (dict "root" .root "handling" "enforced") -}}
{{- $audited := include "redis-memory-guard.handled" (dict "root" .root "handling" "audited") -}}
{{- if and $enforced $audited (ne .chosen "Ignore") -}}
{{- dict "enforced" (dict "name" .name "failurePolicy" .chosen "namespaces" $enforced) "audited" (dict "name" (printf "%s-audited" .name) "failurePolicy" "Ignore" "namespaces" $audited) | toYaml -}}
{{- else if and $enforced $audited -}}
{{- $exempt := include "redis-memory-guard.handled" (dict "root" .root "handling" "exempt") -}}
{{- dict "all" (dict "name" .name "failurePolicy" "Ignore" "namespaces" (ternary (printf "!(%s)" $exempt) "true" (ne $exempt ""))) | toYaml -}}
{{- else if $enforced -}}
{{- dict "all" (dict "name" .name "failurePolicy" .chosen "namespaces" $enforced) | toYaml -}}
{{- else if $audited -}}
{{- dict "all" (dict "name" .name "failurePolicy" "Ignore" "namespaces" $audited) | toYaml -}}
{{- end -}}
{{- end -}}

{{- /* ` && (… || !(…))` of what is provably bounded; nothing where the policy denies for other reasons too. */ -}}
{{- define "redis-memory-guard.andUnbounded" -}}
{{- $denies := list -}}
{{- range prepend (dig "rules" (list) .root.Values.policy) .root.Values.policy -}}
{{- if eq (.unenforceable | default "") "deny" -}}{{- $denies = append $denies true -}}{{- end -}}
{{- end -}}
{{- $share := dig "headroom" "explicitShare" "85%" .root.Values.policy | toString | trimSuffix "%" -}}
{{- if and (empty $denies) (regexMatch "^[0-9]+([.][0-9]{1,3})?$" $share) -}}
{{- $decimals := splitList "." $share | rest | join "" -}}
{{- $bounded := dict "root" .root "numerator" (replace "." "" $share) "denominator" (printf "100%s" (repeat (len $decimals) "0")) -}}
{{ print " && ((has(request.subResource) && request.subResource == 'resize') || !(" }}{{ include "redis-memory-guard.generatedBounded" $bounded }}))
{{- end -}}
{{- end -}}
