import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runProgram, secretsFolder, waitUntil } from '@unity-purchase/tools';
import { productNamespace } from '../../kubernetes/network/parties.js';
import type { RealCluster } from '../nodes/real-cluster.js';
import { askAgent, removeAgents, startAgents } from './agents.js';

export const services = ['storefront', 'purchase-service'] as const;

type Pod = {
  metadata: { name: string; deletionTimestamp?: string };
  spec: {
    nodeName: string;
    containers: { name: string; image: string }[];
    initContainers?: { name: string; restartPolicy?: string }[];
  };
  status: {
    podIP: string;
    initContainerStatuses?: { name: string; ready: boolean }[];
    containerStatuses: { ready: boolean }[];
  };
};

/** The port at which sidecars call each other. */
const internalPort = 50_002;

/** What sentry puts into the certificate of a sidecar (https://docs.dapr.io/concepts/security-concept/). */
const identityOf = (service: string): string => `spiffe://public/ns/${productNamespace}/${service}`;

/** Resolves if each pod of both services has a sidecar that Dapr's injector added as a native one, and everything in it is ready. */
export async function sidecarsAreInjected({ controlPlane }: RealCluster): Promise<string> {
  const all = (await Promise.all(services.map((service) => podsOf(controlPlane, service)))).flat();
  for (const { metadata, spec, status } of all) {
    const sidecar = spec.initContainers?.find(({ name }) => name === 'daprd');
    if (sidecar?.restartPolicy !== 'Always') throw new Error(`${metadata.name} has no native sidecar`);
    const ready = [...(status.initContainerStatuses ?? []), ...status.containerStatuses];
    if (!ready.every((container) => container.ready)) throw new Error(`${metadata.name} is not ready`);
  }
  const used = new Set(all.map(({ spec }) => spec.nodeName));
  return `${String(all.length)} pods on ${String(used.size)} nodes, each with daprd as a native sidecar, all containers ready`;
}

/** Resolves if each sidecar shows the identity of its service, signed by sentry, and hangs up on a caller without one. */
export async function sidecarsUseCertificates({ controlPlane, nodes }: RealCluster): Promise<string> {
  const authority = await sentryAuthority(controlPlane);
  for (const service of services)
    for (const { metadata, spec, status } of await podsOf(controlPlane, service)) {
      const node = nodes.find(({ name }) => name === spec.nodeName);
      if (node === undefined) throw new Error(`${metadata.name} is on no known node`);
      // A node may connect to its own pods, whatever the policies say.
      const target = `${status.podIP}:${String(internalPort)}`;
      // It ends with an error when the other side hangs up.
      const connect = `openssl s_client -connect ${target} -showcerts -ign_eof </dev/null 2>&1 || true`;
      const [program, ...args] = node.inside(['sh', '-c', connect]);
      const shown = await runProgram(program, args, { timeoutMs: 20_000 });
      const certificates = shown.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
      const [own = ''] = certificates;
      if (own === '') throw new Error(`${metadata.name} shows no certificate: ${shown.slice(0, 300)}`);
      const { subjectAltName = '' } = new X509Certificate(own);
      if (!subjectAltName.includes(identityOf(service)))
        throw new Error(`${metadata.name} shows the identity ${subjectAltName}`);
      const issuers = [...certificates.slice(1), ...authority].map((text) => new X509Certificate(text));
      if (!issuers.some((issuer) => new X509Certificate(own).verify(issuer.publicKey)))
        throw new Error(`the certificate of ${metadata.name} is not signed by sentry`);
      if (!shown.includes('certificate required'))
        throw new Error(`${metadata.name} accepts a caller without a certificate: ${shown.slice(-300)}`);
    }
  return `both services show ${services.map(identityOf).join(' and ')}, signed by sentry, and refuse a caller without a certificate`;
}

/** The third app, which Dapr knows and the network lets through, so that only Dapr refuses it. */
const intruder = 'intruder';

/** By access control; because it has no broker; because it has no store. */
const refusals = ['403 ERR_DIRECT_INVOKE', '404 ERR_PUBSUB_NOT_FOUND', '500 ERR_STATE_STORE_NOT_CONFIGURED'];

/**
 * Starts a third app with a sidecar. Resolves if it can neither call the purchase-service, nor publish events, nor read the store.
 */
export async function thirdAppIsRefused({ controlPlane }: RealCluster, root: string): Promise<string> {
  const token = await readFile(join(secretsFolder(root), 'dapr-api-token'), 'utf8');
  const agent = { namespace: productNamespace, name: intruder };
  await startAgents(controlPlane, [
    {
      ...agent,
      // The labels of the storefront: the network policies permit what it may do.
      labels: { 'app.kubernetes.io/name': 'storefront' },
      staysUnready: true,
      annotations: {
        'dapr.io/enabled': 'true',
        'dapr.io/app-id': intruder,
        'dapr.io/config': 'purchase-system',
        'dapr.io/enable-native-sidecar': 'true',
        'dapr.io/api-token-secret': 'dapr-api-token',
        'dapr.io/disable-builtin-k8s-secret-store': 'true',
        'dapr.io/sidecar-seccomp-profile-type': 'RuntimeDefault',
      },
    },
  ]);
  try {
    const ask = async (method: string, path: string, ...more: string[]): Promise<string> => {
      const lines = await askAgent(
        controlPlane,
        agent,
        ...['request', method, `http://127.0.0.1:3500${path}`, `dapr-api-token=${token}`, ...more],
      );
      return lines.join(' ');
    };
    await waitUntil(
      async () =>
        (await ask('GET', '/v1.0/healthz/outbound').catch(String)).startsWith('204') ||
        'its sidecar is not ready',
      30_000,
    );
    const answers = [
      await ask('GET', '/v1.0/invoke/purchase-service/method/health/ready'),
      await ask('POST', '/v1.0/publish/pubsub/purchase-events', 'body={}', 'content-type=application/json'),
      await ask('GET', '/v1.0/state/statestore/anything'),
    ];
    const seen = answers.map(shortened).join(', ');
    if (seen !== refusals.join(', ')) throw new Error(`answered with ${answers.join(', ')}`);
    return `calling the purchase-service, publishing an event and reading the store: ${seen}`;
  } finally {
    await removeAgents(controlPlane, new Set([productNamespace]));
  }
}

/** The status of a sidecar's answer and its error code: `403 ERR_DIRECT_INVOKE` */
function shortened(answer: string): string {
  return [answer.slice(0, 3), ...(/ERR_\w+/.exec(answer) ?? [])].join(' ');
}

/** The pods of a service. Rejects if there are none. */
export async function podsOf({ client }: RealCluster['controlPlane'], service: string): Promise<Pod[]> {
  const selector = encodeURIComponent(`app.kubernetes.io/name=${service}`);
  const { items } = await client.getJson<{ items: Pod[] }>(
    `/api/v1/namespaces/${productNamespace}/pods?labelSelector=${selector}`,
  );
  if (items.length === 0) throw new Error(`there are no pods of ${service}`);
  return items;
}

async function sentryAuthority({ client }: RealCluster['controlPlane']): Promise<string[]> {
  const { data } = await client.getJson<{ data: Record<string, string> }>(
    '/api/v1/namespaces/dapr-system/secrets/dapr-trust-bundle',
  );
  return ['ca.crt', 'issuer.crt'].map((name) => Buffer.from(data[name] ?? '', 'base64').toString('utf8'));
}
