import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Writes a Helm chart of one template below the folder, and resolves to the chart's folder. */
export async function writeChart(folder: string, name: string, template: string): Promise<string> {
  const chart = join(folder, 'charts', name);
  await mkdir(join(chart, 'templates'), { recursive: true });
  await writeFile(join(chart, 'Chart.yaml'), `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n`);
  await writeFile(join(chart, 'templates/all.yaml'), template);
  return chart;
}

/** A Deployment that never becomes available, because no node runs its pods. */
export const deployment = (name: string): string => `---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  namespace: {{ .Release.Namespace }}
spec:
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec: { containers: [{ name: one, image: 'one:1' }] }
`;

/** A ClusterRole, which belongs to no namespace. */
export const clusterRole = (name: string): string => `---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: ${name}
`;

/** A monitor of Prometheus. Without a namespace, it is in the one of `kubectl --namespace`. */
export const monitor = (kind: 'PodMonitor' | 'ServiceMonitor', name: string): string => `---
apiVersion: monitoring.coreos.com/v1
kind: ${kind}
metadata:
  name: ${name}
spec:
  selector: {}
  ${kind === 'PodMonitor' ? 'podMetricsEndpoints' : 'endpoints'}: []
`;

/** A definition of the API group. */
export const definition = (plural: string, kind: string, group: string): string => `---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: ${plural}.${group}
spec:
  group: ${group}
  scope: Namespaced
  names: { plural: ${plural}, singular: ${kind.toLowerCase()}, kind: ${kind} }
  versions:
    - name: v1
      served: true
      storage: true
      schema: { openAPIV3Schema: { type: object } }
`;

/** A rendered part that charts leave out if the API server does not know `api`. */
export const ifKnown = (api: string, text: string): string =>
  `{{- if .Capabilities.APIVersions.Has "${api}" }}\n${text}{{- end }}\n`;
