import { readFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  findFreePorts,
  obtainKubernetesProgram,
  runProgram,
  type ServerProcess,
} from '@unity-purchase/tools';
import { stringify } from 'yaml';
import { answersOk } from './answers-ok.js';
import type { ControlPlane } from './control-plane.js';

const stopTimeoutMs = 5_000;

/** The names in KEDA's chart. */
const namespace = 'keda';
const metricsService = 'keda-metrics-apiserver';

/** The names of KEDA's processes. */
export const kedaProcesses = ['keda-operator', 'keda-adapter'] as const;

/**
 * Adds KEDA: its operator creates autoscalers from ScaledObjects, and its adapter serves their metrics as an aggregated API.
 * Apply KEDA's CRDs first.
 */
export async function addKeda(controlPlane: ControlPlane): Promise<void> {
  const { folder, kubeconfig } = controlPlane;
  const certificates = await createCertificates(join(folder, 'keda'));
  const [metrics = 0, health = 0, grpc = 0, secure = 0, adapterMetrics = 0] = await findFreePorts(5);
  await controlPlane.apply(
    [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
      metricsServiceOn(secure),
      await metricsApi(certificates, secure),
    ]
      .map((object) => stringify(object))
      .join('---\n'),
  );
  const common = {
    cwd: folder,
    env: {
      ...process.env,
      KUBECONFIG: kubeconfig,
      WATCH_NAMESPACE: '',
      POD_NAMESPACE: namespace,
      KEDA_CLUSTER_OBJECT_NAMESPACE: namespace,
    },
    stopTimeoutMs,
  };
  const operator: ServerProcess = {
    spec: {
      ...common,
      name: 'keda-operator',
      command: await obtainKubernetesProgram('keda-operator'),
      args: [
        `--metrics-bind-address=127.0.0.1:${metrics}`,
        `--health-probe-bind-address=127.0.0.1:${health}`,
        `--metrics-service-bind-address=127.0.0.1:${grpc}`,
        `--cert-dir=${certificates}`,
        '--enable-cert-rotation=false',
        '--zap-log-level=info',
      ],
    },
    isReady: () => answersOk(`http://127.0.0.1:${health}/readyz`),
  };
  const adapter: ServerProcess = {
    spec: {
      ...common,
      name: 'keda-adapter',
      command: await obtainKubernetesProgram('keda-adapter'),
      args: [
        `--lister-kubeconfig=${kubeconfig}`,
        `--authentication-kubeconfig=${kubeconfig}`,
        `--authorization-kubeconfig=${kubeconfig}`,
        // The API server forwards requests without a user, and every request is allowed.
        '--authentication-skip-lookup=true',
        '--bind-address=127.0.0.1',
        `--secure-port=${secure}`,
        `--port=${adapterMetrics}`,
        `--metrics-service-address=127.0.0.1:${grpc}`,
        `--tls-cert-file=${certificates}/tls.crt`,
        `--tls-private-key-file=${certificates}/tls.key`,
        `--cert-dir=${certificates}`,
      ],
    },
    isReady: async () => {
      const { status, text } = await controlPlane.client.get('/apis/external.metrics.k8s.io/v1beta1');
      return status === 200 || text;
    },
  };
  await controlPlane.add([operator, adapter]);
}

/** Without kube-proxy, only a Service with an external name is reachable. */
function metricsServiceOn(port: number): object {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: metricsService, namespace },
    spec: { type: 'ExternalName', externalName: 'localhost', ports: [{ name: 'https', port }] },
  };
}

async function metricsApi(certificates: string, port: number): Promise<object> {
  return {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name: 'v1beta1.external.metrics.k8s.io' },
    spec: {
      group: 'external.metrics.k8s.io',
      version: 'v1beta1',
      groupPriorityMinimum: 100,
      versionPriority: 100,
      service: { name: metricsService, namespace, port },
      caBundle: (await readFile(join(certificates, 'ca.crt'))).toString('base64'),
    },
  };
}

/** Creates one self-signed certificate for the operator and the adapter, which verify each other. */
async function createCertificates(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const names = [
    'DNS:localhost',
    `DNS:${metricsService}.${namespace}.svc`,
    `DNS:keda-operator.${namespace}.svc`,
    'IP:127.0.0.1',
  ];
  await runProgram('openssl', [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-noenc',
    '-days',
    '2',
    '-subj',
    '/CN=keda',
    '-keyout',
    join(folder, 'tls.key'),
    '-out',
    join(folder, 'tls.crt'),
    '-addext',
    `subjectAltName=${names.join()}`,
    '-addext',
    'basicConstraints=critical,CA:TRUE',
    '-addext',
    'keyUsage=critical,digitalSignature,keyEncipherment,keyCertSign',
    '-addext',
    'extendedKeyUsage=serverAuth,clientAuth',
  ]);
  await runProgram('cp', [join(folder, 'tls.crt'), join(folder, 'ca.crt')]);
  return folder;
}
