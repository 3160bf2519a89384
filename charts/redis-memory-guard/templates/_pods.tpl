{{- /* What Pods of ours have in common, the test's too. */ -}}
{{- define "redis-memory-guard.pod" -}}
enableServiceLinks: false
{{- with include "redis-memory-guard.imagePullSecrets" . }}
imagePullSecrets:
  {{- . | nindent 2 }}
{{- end }}
{{- with .Values.podSecurityContext }}
securityContext:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "redis-memory-guard.imagePullSecrets" -}}
{{- range concat .Values.imagePullSecrets .Values.global.imagePullSecrets | uniq }}
- name: {{ if kindIs "string" . }}{{ . }}{{ else }}{{ .name }}{{ end }}
{{- end }}
{{- end -}}

{{- define "redis-memory-guard.securityContext" -}}
{{- with .Values.securityContext -}}
securityContext:
  {{- toYaml . | nindent 2 }}
{{- end -}}
{{- end -}}

{{- /* Where a Pod runs: takes the values of its component. */ -}}
{{- define "redis-memory-guard.scheduling" -}}
{{- with .priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "redis-memory-guard.probes" -}}
livenessProbe:
  httpGet:
    path: /livez
    port: metrics
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
readinessProbe:
  httpGet:
    path: /readyz
    port: metrics
  periodSeconds: 2
  timeoutSeconds: 5
{{- end -}}

{{- /* Labels of a component's Pods, each key once: (dict "root" $ "component" "webhook"). */ -}}
{{- define "redis-memory-guard.podLabels" -}}
{{- $own := include "redis-memory-guard.labels" .root | fromYaml -}}
{{- $component := dict "app.kubernetes.io/component" .component -}}
{{ mergeOverwrite $own .root.Values.podLabels $component | toYaml }}
{{- end -}}

{{- /* The priority classes of ours that some clusters let only into namespaces with a quota for them, as YAML. */ -}}
{{- define "redis-memory-guard.criticalClasses" -}}
{{- $classes := list .Values.webhook.priorityClassName -}}
{{- if eq .Values.certificates.mode "self" -}}
{{- $classes = append $classes .Values.certificates.self.priorityClassName -}}
{{- end -}}
{{- $critical := list -}}
{{- range $classes -}}
{{- if regexMatch "^system-.+-critical$" . -}}
{{- $critical = append $critical . -}}
{{- end -}}
{{- end -}}
{{- uniq $critical | toYaml -}}
{{- end -}}
