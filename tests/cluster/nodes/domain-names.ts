import { stringify } from 'yaml';
import type { ControlPlane } from '../../kubernetes/control-plane/control-plane.js';
import { dnsImage } from '../images/program-images.js';
import { addresses } from './networks.js';

/** Where every cluster has its DNS, and what the product's network policies expect. */
const namespace = 'kube-system';
const labels = { 'k8s-app': 'kube-dns' };
const name = 'coredns';

/** With the cluster's own names only: the network leads to no other servers. */
const settings = `.:53 {
  errors
  health
  ready
  kubernetes cluster.local in-addr.arpa
  cache 5
}
`;

/** Starts CoreDNS in a pod, as the DNS of the cluster. Resolves when it answers. */
export async function startDomainNames({ apply, kubectl }: ControlPlane): Promise<void> {
  await apply(objects.map((object) => stringify(object)).join('---\n'));
  await kubectl(['--namespace', namespace, 'rollout', 'status', `deployment/${name}`, '--timeout=50s']);
}

const objects = [
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name },
    rules: [
      {
        apiGroups: [''],
        resources: ['services', 'pods', 'namespaces'],
        verbs: ['list', 'watch'],
      },
      { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
    ],
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
    subjects: [{ kind: 'ServiceAccount', name, namespace }],
  },
  { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data: { Corefile: settings } },
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: {
      // One on each node, because a node may go.
      replicas: 2,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: name,
          topologySpreadConstraints: [
            {
              topologyKey: 'kubernetes.io/hostname',
              maxSkew: 1,
              whenUnsatisfiable: 'ScheduleAnyway',
              labelSelector: { matchLabels: labels },
            },
          ],
          containers: [
            {
              name,
              image: dnsImage,
              args: ['-conf', '/settings/Corefile'],
              readinessProbe: { httpGet: { path: '/ready', port: 8181 }, periodSeconds: 1 },
              // The port of DNS needs a permission.
              securityContext: {
                runAsUser: 0,
                allowPrivilegeEscalation: false,
                capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] },
              },
              volumeMounts: [{ name: 'settings', mountPath: '/settings' }],
            },
          ],
          volumes: [{ name: 'settings', configMap: { name } }],
        },
      },
    },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'kube-dns', namespace, labels },
    spec: {
      clusterIP: addresses.domainNames,
      selector: labels,
      ports: [
        { name: 'dns', port: 53, protocol: 'UDP' },
        { name: 'dns-tcp', port: 53, protocol: 'TCP' },
      ],
    },
  },
];
