{{- define "accord.name" -}}
{{- if contains "accord" .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-accord" .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "accord.secret" -}}
{{- required "existingSecret is empty: make a Secret with ACCORD_SECRET_KEY and name it (values.yaml says what else is in it)." .Values.existingSecret -}}
{{- end -}}

{{/* What a selector holds to: never changed, for Kubernetes refuses that. Takes a dict of root and part. */}}
{{- define "accord.selector" -}}
app.kubernetes.io/name: accord
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .part }}
{{- end -}}

{{- define "accord.labels" -}}
{{ include "accord.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end -}}

{{/* Takes a dict of image and tag. */}}
{{- define "accord.image" -}}
{{- if .image.digest -}}
{{- printf "%s@%s" .image.repository .image.digest -}}
{{- else -}}
{{- printf "%s:%s" .image.repository (.image.tag | default .tag) -}}
{{- end -}}
{{- end -}}

{{- define "accord.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ .user }}
runAsGroup: {{ .user }}
fsGroup: {{ .user }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "accord.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* Settings come from a ConfigMap and from a Secret by reference; those that the chart knows are set here. */}}
{{- define "accord.environment" -}}
envFrom:
  - configMapRef:
      name: {{ include "accord.name" .root }}-settings
  - secretRef:
      name: {{ include "accord.secret" .root }}
env:
  {{- if .root.Values.valkey.enabled }}
  - name: VALKEY_PASSWORD
    valueFrom:
      secretKeyRef:
        name: {{ include "accord.secret" .root }}
        key: VALKEY_PASSWORD
  - name: REDIS_URL
    value: redis://:$(VALKEY_PASSWORD)@{{ include "accord.name" .root }}-valkey:6379/0
  {{- end }}
  - name: ACCORD_WEB_HOST
    value: 0.0.0.0
  - name: ACCORD_WEB_PORT
    value: "8080"
  - name: ACCORD_DATA_DIR
    value: /data
  # The root is read-only: what a hub or a library keeps lies with the data.
  - name: HOME
    value: /data
  - name: HF_HOME
    value: /data/huggingface
{{- end -}}

{{- define "accord.volumes" -}}
- name: tmp
  emptyDir:
    sizeLimit: {{ .Values.data.sizeLimit }}
- name: data
  {{- if .Values.data.existingClaim }}
  persistentVolumeClaim:
    claimName: {{ .Values.data.existingClaim }}
  {{- else }}
  emptyDir:
    sizeLimit: {{ .Values.data.sizeLimit }}
  {{- end }}
{{- end -}}

{{- define "accord.mounts" -}}
- name: tmp
  mountPath: /tmp
- name: data
  mountPath: /data
{{- end -}}

{{/* Two of a kind rather not on one node. */}}
{{- define "accord.spread" -}}
- maxSkew: 1
  topologyKey: kubernetes.io/hostname
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels:
      {{- include "accord.selector" . | nindent 6 }}
{{- end -}}

{{- define "accord.placement" -}}
{{- with .nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}
