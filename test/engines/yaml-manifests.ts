/** Manifests in the styles that people write, to be edited at random. */
export const manifests: readonly string[] = [
  `apiVersion: v1
kind: Pod
metadata:
  name: web
  labels: {app: web, tier: "front"}
spec:
  hostNetwork: false
  containers:
  - image: nginx:1.25
    name: web
    args: ["--port", "8080"]
    ports:
    - containerPort: 8080
    securityContext:
      privileged: false
      runAsUser: 1000
  os:
    name: linux
`,
  `# a deployment
apiVersion: apps/v1
kind: Deployment
metadata:
    name: api            # the name
    annotations:
        example.com/note: "two words"
        example.com/long: a text that goes on
          over lines

          and paragraphs
spec:
    replicas: 3
    template:
        spec:
            containers:
                - name: api
                  image: 'registry.example.com/api:2.0'
                  command:
                      - /bin/sh
                      - -c
                      - |
                        set -e
                        # not a comment
                        exec api

                - name: side
                  env:
                      - {name: A, value: "1"}
                      -   name: B
                          value: yes
            hostPID: true
`,
  `---
kind: ConfigMap
apiVersion: v1
metadata: {name: settings, namespace: shop}
data:
  a.properties: |
    key=value
      indented

    last
  folded: >-
    one
    two

    three
  kept: |+
    x

  quoted: "line one
    line two\\n\\
    line three"
  single: 'it''s
    folded'
  number: "010"
`,
  `apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Service
  metadata:
    name: &name web
    labels: &labels
      app: *name
  spec:
    selector: *labels
    ports: [{port: 80, targetPort: http}]
- apiVersion: v1
  kind: Secret
  metadata:
    name: *name
    labels:
      <<: *labels
      extra: on
  data:
    key: !!binary aGVsbG8=
    other: !!str 12
`,
  `apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata:
  name: example
spec:
  rules:
    - name: check
      match:
        any:
        - resources:
            kinds: [Pod, Deployment]
      validate:
        message: >
          Use of {{ request.object }} is
          not allowed.
        pattern:
          spec:
            =(securityContext):
              =(runAsUser): ">0"
            +(hostNetwork): false
            containers:
              - image: "*:*"
                (name): "?*"
`,
]
