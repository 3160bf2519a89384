{{- define "redis-memory-guard.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "redis-memory-guard.namespace" -}}
{{- default .Release.Namespace .Values.namespaceOverride -}}
{{- end -}}

{{- define "redis-memory-guard.selectorLabels" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "redis-memory-guard.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{ include "redis-memory-guard.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- /* Labels that the chart sets itself: nobody else may, or a key would be there twice. */ -}}
{{- define "redis-memory-guard.ownLabels" -}}
helm.sh/chart app.kubernetes.io/name app.kubernetes.io/instance app.kubernetes.io/version app.kubernetes.io/managed-by app.kubernetes.io/component
{{- end -}}

{{- define "redis-memory-guard.imageRegistry" -}}
{{- .Values.global.imageRegistry | default .Values.image.registry | trimSuffix "/" -}}
{{- end -}}

{{- define "redis-memory-guard.image" -}}
{{- with include "redis-memory-guard.imageRegistry" . }}{{ . }}/{{ end -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ default $.Chart.AppVersion .tag }}
{{- end -}}
{{- end -}}
{{- end -}}

{{- /* The ServiceAccount of the webhook; the certs process's name ends in `-certs`. */ -}}
{{- define "redis-memory-guard.serviceAccount" -}}
{{- default (include "redis-memory-guard.fullname" .) .Values.serviceAccount.name -}}
{{- end -}}

{{- /* The Secret that the webhook serves with. */ -}}
{{- define "redis-memory-guard.servingSecret" -}}
{{- if eq .Values.certificates.mode "existing" -}}
{{- .Values.certificates.existing.secretName -}}
{{- else -}}
{{- include "redis-memory-guard.fullname" . }}-tls
{{- end -}}
{{- end -}}

{{- /* Whether the audit keeps what durable servers hold: only these tell it. */ -}}
{{- define "redis-memory-guard.keepsFloors" -}}
{{- with .Values.audit -}}
{{- if and .enabled (or .live .prometheus) -}}true{{- end -}}
{{- end -}}
{{- end -}}
