import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { prometheusConfig } from '../../autoscaling/scrape-config.js';
import { productNamespace } from '../../kubernetes/network/parties.js';
import { crdFilesOf } from '../../kubernetes/control-plane/crd-files.js';
import { manifests, manifestsIn, type Manifest } from '../../kubernetes/rendering/render.js';
import { agentImage, prometheusImage } from '../images/program-images.js';
import { writeLocalChart } from './local-chart.js';

/** Its Deployment. */
export const prometheus = { name: 'prometheus', namespace: 'monitoring' } as const;

const { name } = prometheus;

/** The Service of the Prometheus operator. */
const service = 'prometheus-operated';

const port = 9090;

/**
 * Makes a chart of Prometheus at the address and with the labels that the Prometheus operator gives it, and with the configuration it would
 * write for the storefront's PodMonitor. It brings the operator's definitions. Resolves to its folder.
 */
export async function prometheusChart(parent: string): Promise<string> {
  const [podMonitor] = manifestsIn(
    await readFile(join(manifests, 'base', 'storefront', 'podmonitor.yaml'), 'utf8'),
  );
  if (podMonitor === undefined) throw new Error('the storefront has no PodMonitor');
  const config = prometheusConfig(podMonitor, productNamespace, {
    kubernetes_sd_configs: [{ role: 'pod', namespaces: { names: [productNamespace] } }],
  });
  const files = await crdFilesOf('prometheus-operator');
  const definitions = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  return writeLocalChart(parent, 'kube-prometheus-stack', [
    ...definitions.flatMap((text) => manifestsIn(text)),
    ...objects(config),
    ...grafanaStandIn(),
  ]);
}

/**
 * What the chart has besides: the Secret and the Service of Grafana, in front of a program that only accepts connections. Grafana
 * itself needs its pages, which no Go module has.
 */
function grafanaStandIn(): Manifest[] {
  const metadata = { name: 'kube-prometheus-stack-grafana', namespace: prometheus.namespace };
  const labels = { 'app.kubernetes.io/name': 'grafana' };
  const grafanaPort = 3_000;
  return [
    { apiVersion: 'v1', kind: 'Secret', metadata, stringData: { 'admin-password': 'not-used' } },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { selector: labels, ports: [{ port: 80, targetPort: grafanaPort }] },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            containers: [
              { name: 'stand-in', image: agentImage, args: ['listen', `tcp/${String(grafanaPort)}`] },
            ],
          },
        },
      },
    },
  ];
}

function objects(config: string): Manifest[] {
  const labels = { 'app.kubernetes.io/name': name };
  const metadata = { name, namespace: prometheus.namespace };
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name },
      rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] }],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
      subjects: [{ kind: 'ServiceAccount', ...metadata }],
    },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'prometheus.yaml': config } },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            serviceAccountName: name,
            containers: [
              {
                name,
                image: prometheusImage,
                args: [
                  '--config.file=/config/prometheus.yaml',
                  '--storage.tsdb.path=/data',
                  '--log.level=warn',
                ],
                readinessProbe: { httpGet: { path: '/-/ready', port }, periodSeconds: 2 },
                volumeMounts: [
                  { name: 'config', mountPath: '/config' },
                  { name: 'data', mountPath: '/data' },
                ],
              },
            ],
            securityContext: { runAsNonRoot: true, fsGroup: 65_532 },
            volumes: [
              { name: 'config', configMap: { name } },
              { name: 'data', emptyDir: {} },
            ],
          },
        },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: service, namespace: prometheus.namespace },
      spec: { selector: labels, ports: [{ port }] },
    },
  ];
}
