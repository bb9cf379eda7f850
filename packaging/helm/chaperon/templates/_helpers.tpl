{{- define "chaperon.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name }}{{ else }}{{ .Release.Name }}-{{ .Chart.Name }}{{ end -}}
{{- end }}

{{- define "chaperon.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "chaperon.labels" -}}
{{ include "chaperon.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "chaperon.image" -}}
{{- if .Values.image.digest }}{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else }}{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end -}}
{{- end }}

{{- /* What must be said before anything is made. */ -}}
{{- define "chaperon.check" -}}
{{- $_ := required "tls.secretName: beyond loopback the house listens with a certificate only" .Values.tls.secretName }}
{{- if and .Values.root.passphrase.secretName .Values.root.file.secretName }}
{{- fail "root: either a passphrase or a file, not both" }}
{{- end }}
{{- if not (or .Values.root.passphrase.secretName .Values.root.file.secretName) }}
{{- fail "root.passphrase.secretName or root.file.secretName: the root key is kept apart from the data" }}
{{- end }}
{{- end }}
