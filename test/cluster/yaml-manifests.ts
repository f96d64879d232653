/** Manifests that an API server takes, in the styles that people write. What stands in «» may be another scalar. */
export const yamlManifests: readonly string[] = [
  `apiVersion: v1
kind: Pod
metadata:
  name: web
  labels: {app: web, tier: «"front"», yes: «"1"»}
  annotations:
    example.com/number: «"010"»
    example.com/long: >-
      folded
      text
spec:
  hostNetwork: «false»
  hostPID: «no»
  terminationGracePeriodSeconds: «30»
  containers:
  - image: nginx:1.25
    name: web
    args: [«--port», «"8080"»]
    env:
    - {name: A, value: «"1"»}
    -   name: B
        value: «'yes'»
    ports:
    - containerPort: «0x1F90»
    resources:
      limits: {cpu: «1», memory: «64Mi»}
    securityContext:
      privileged: «off»
      runAsUser: «1_000»
`,
  `apiVersion: apps/v1
kind: Deployment
metadata: &meta
  name: &name api
  labels: &labels
    app: *name
spec:
  replicas: «3»
  selector: {matchLabels: *labels}
  template:
    metadata:
      labels:
        <<: *labels
        tier: «back»
    spec:
      securityContext: &context
        runAsNonRoot: «yes»
        runAsUser: «0o17»
      containers:
      - &app
        name: *name
        image: 'registry.example.com/api:2.0'
        securityContext:
          <<: &own {runAsUser: «010», privileged: «n»}
          allowPrivilegeEscalation: «False»
      - <<: *app
        name: side
        command:
        - /bin/sh
        - -c
        - |
          set -e
          # not a comment
          exec side
`,
  `kind: ConfigMap
apiVersion: v1
metadata: {name: settings, annotations: {on: «"x"»}}
immutable: «true»
data:
  a.properties: |
    key=value
      indented

    last
  kept: |+
    x

  quoted: "line one
    line two\\n\\
    line three"
  single: 'it''s
    folded'
  number: «"010"»
  plain: «words»
`,
  `{
  "apiVersion": "batch/v1", kind: CronJob, metadata: {name: nightly},
  spec: {schedule: "@daily", suspend: «Off», startingDeadlineSeconds: «1e3», jobTemplate: {spec: {
    backoffLimit: «0b11», template: {spec: {restartPolicy: «Never», hostIPC: «"no"», containers: [
      {name: job, image: busybox, securityContext: {runAsUser: «+10», privileged: «FALSE»}}]}}}}}
}
`,
  `apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  type: «ClusterIP»
  selector: {app: «web»}
  publishNotReadyAddresses: «~»
  ports:
  - port: «80»
    targetPort: «"http"»
    name: «http»
`,
]

/** Scalars that YAML 1.1 and 1.2, or people, read in different ways. */
export const scalars: readonly string[] = [
  ...['yes', 'no', 'on', 'off', 'y', 'n', 'Y', 'N', 'Yes', 'NO', 'On', 'OFF', 'true', 'True', 'TRUE', 'tRUE'],
  ...[
    '010',
    '0o10',
    '0o8',
    '08',
    '0x1F',
    '0X1f',
    '0b101',
    '1_000',
    '_1',
    '1_',
    '+1',
    '-1',
    '--1',
    '1.',
    '.5',
  ],
  ...['1e3', '1E3', '1e+3', '1.0', '1.5', '100_0.0', '.inf', '-.INF', '.nan', '1:30', '190:20:30', '0', '-0'],
  ...['~', 'null', 'Null', 'NULL', '', '""', "''", '"yes"', "'010'", '!!str yes', '!!str 010', '!!bool yes'],
  ...[
    '!!int "7"',
    '!!float 7',
    '!!null x',
    '! 7',
    '!custom 7',
    '2001-01-01',
    '2001-01-01 10:00:00',
    '=',
    '<<',
  ],
  ...['9223372036854775807', '9223372036854775808', '18446744073709551616', '1e400', '0.1', '1234567890.125'],
  ...['[yes]', '{on: off}', '&x 7', '*nothing', '@at', '`tick`', '%x', '"\\x41\\u0042\\n"', '"a\\\n  b"'],
]
