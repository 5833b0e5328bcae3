import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  errorText,
  findFreePorts,
  obtainKubernetesProgram,
  runProgram,
  type ServerProcess,
} from '@unity-purchase/tools';
import { stringify } from 'yaml';
import { createApiClient, type ApiClient } from './api-client.js';

/** The API server waits a minute for its watchers. Its data is temporary, so it need not. */
const stopTimeoutMs = 5_000;

/** Nodes that run containers. */
export type NodeAccess = {
  /** The address at which nodes and pods reach the API server. */
  address: string;
  /** The addresses of Services: `10.96.0.0/16` */
  serviceRange: string;
  /** The names of the nodes. */
  names: readonly string[];
};

export type ApiServer = {
  /** In start order. */
  processes: readonly ServerProcess[];
  /** The path of a kubeconfig with all permissions. */
  kubeconfig: string;
  client: ApiClient;
  port: number;
  /** Signs the tokens of service accounts. */
  serviceAccountKey: string;
  /** The certificate of the API server, which signs itself. */
  certificate: string;
  /** The kubeconfig of a node's kubelet, with a node's permissions. Throws for an unknown node. */
  kubeconfigOf: (node: string) => string;
  /** The certificate that the API server shows to kubelets. It is its own authority. */
  kubeletClientCertificate: string;
};

/**
 * Prepares etcd and an API server on free ports of the loopback interface, the API server at the nodes' address if there are nodes. The
 * token of the kubeconfig has all permissions. Without nodes, everyone has, because then tests are about manifests and controllers,
 * not about access.
 */
export async function prepareApiServer(folder: string, nodes?: NodeAccess): Promise<ApiServer> {
  const [etcdPort = 0, peerPort = 0, port = 0] = await findFreePorts(3);
  const certificates = join(folder, 'certificates');
  await mkdir(certificates, { recursive: true });
  const token = randomBytes(16).toString('hex');
  const files = {
    kubeconfig: join(folder, 'kubeconfig'),
    tokens: join(folder, 'tokens.csv'),
    serviceAccountKey: join(folder, 'service-accounts.key'),
    // The API server creates and signs it when it starts.
    certificate: join(certificates, 'apiserver.crt'),
    kubeletClientKey: join(folder, 'kubelet-client.key'),
    kubeletClientCertificate: join(folder, 'kubelet-client.crt'),
    aggregatorKey: join(folder, 'aggregator.key'),
    aggregatorCertificate: join(folder, 'aggregator.crt'),
  };
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  await writeFile(files.serviceAccountKey, privateKey, { mode: 0o600 });
  const nodeTokens = (nodes?.names ?? []).map((name) => [name, randomBytes(16).toString('hex')] as const);
  const users = [
    `${token},tester,tester,system:masters`,
    ...nodeTokens.map(([name, one]) => `${one},system:node:${name},${name},system:nodes`),
  ];
  await writeFile(files.tokens, `${users.join('\n')}\n`, { mode: 0o600 });
  // Its certificate has only this address.
  const host = nodes?.address ?? '127.0.0.1';
  const url = `https://${host}:${port}`;
  await writeFile(files.kubeconfig, kubeconfigText({ url, token, certificate: files.certificate }), {
    mode: 0o600,
  });
  const kubeconfigs = new Map<string, string>();
  if (nodes !== undefined) {
    await createClient('/O=system:masters/CN=kube-apiserver', {
      key: files.kubeletClientKey,
      certificate: files.kubeletClientCertificate,
    });
    await createClient(`/CN=${aggregator}`, {
      key: files.aggregatorKey,
      certificate: files.aggregatorCertificate,
    });
    for (const [name, one] of nodeTokens) {
      const file = join(folder, `kubeconfig-${name}`);
      await writeFile(file, kubeconfigText({ url, token: one, certificate: files.certificate }), {
        mode: 0o600,
      });
      kubeconfigs.set(name, file);
    }
  }
  const client = createApiClient({
    host,
    port,
    token,
    certificate: () => readFileSync(files.certificate, 'utf8'),
  });
  const common = { cwd: folder, env: process.env, stopTimeoutMs };
  return {
    kubeconfig: files.kubeconfig,
    client,
    port,
    serviceAccountKey: files.serviceAccountKey,
    certificate: files.certificate,
    kubeletClientCertificate: files.kubeletClientCertificate,
    kubeconfigOf: (node) => {
      const found = kubeconfigs.get(node);
      if (found === undefined) throw new Error(`there is no node ${node}`);
      return found;
    },
    processes: [
      {
        spec: {
          ...common,
          name: 'etcd',
          command: await obtainKubernetesProgram('etcd'),
          args: [
            `--data-dir=${join(folder, 'etcd')}`,
            `--listen-client-urls=http://127.0.0.1:${etcdPort}`,
            `--advertise-client-urls=http://127.0.0.1:${etcdPort}`,
            `--listen-peer-urls=http://127.0.0.1:${peerPort}`,
            `--initial-advertise-peer-urls=http://127.0.0.1:${peerPort}`,
            `--initial-cluster=default=http://127.0.0.1:${peerPort}`,
            // The data is temporary.
            '--unsafe-no-fsync',
            '--log-level=warn',
          ],
        },
        isReady: async () => {
          try {
            const { ok } = await fetch(`http://127.0.0.1:${etcdPort}/health`);
            return ok || 'etcd is not healthy';
          } catch (error) {
            return errorText(error);
          }
        },
      },
      {
        spec: {
          ...common,
          name: 'kube-apiserver',
          command: await obtainKubernetesProgram('kube-apiserver'),
          args: [
            `--etcd-servers=http://127.0.0.1:${etcdPort}`,
            `--secure-port=${port}`,
            `--cert-dir=${certificates}`,
            '--service-account-issuer=https://kubernetes.default.svc',
            `--service-account-key-file=${files.serviceAccountKey}`,
            `--service-account-signing-key-file=${files.serviceAccountKey}`,
            `--token-auth-file=${files.tokens}`,
            ...(nodes === undefined ? withoutNodes : withNodes(nodes, files)),
            // As in a cluster, requests need a token, including requests to aggregated APIs.
            '--anonymous-auth=false',
          ],
        },
        isReady: async () => {
          try {
            const { status, text } = await client.get('/readyz');
            return status === 200 || text;
          } catch (error) {
            return errorText(error);
          }
        },
      },
    ],
  };
}

/** The name of the API server in front of aggregated APIs. */
const aggregator = 'aggregator';

const withoutNodes = [
  '--bind-address=127.0.0.1',
  '--authorization-mode=AlwaysAllow',
  '--service-cluster-ip-range=10.0.0.0/24',
  // Otherwise nodes stay tainted, because the controller that removes the taint does not run.
  '--disable-admission-plugins=TaintNodesByCondition',
];

function withNodes(
  { address, serviceRange }: NodeAccess,
  files: Record<
    'kubeletClientCertificate' | 'kubeletClientKey' | 'aggregatorCertificate' | 'aggregatorKey',
    string
  >,
): string[] {
  return [
    `--bind-address=${address}`,
    `--advertise-address=${address}`,
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    `--service-cluster-ip-range=${serviceRange}`,
    `--kubelet-client-certificate=${files.kubeletClientCertificate}`,
    `--kubelet-client-key=${files.kubeletClientKey}`,
    '--kubelet-preferred-address-types=InternalIP',
    // Aggregated APIs believe whom a request is from because of this certificate.
    `--requestheader-client-ca-file=${files.aggregatorCertificate}`,
    `--requestheader-allowed-names=${aggregator}`,
    '--requestheader-username-headers=X-Remote-User',
    '--requestheader-group-headers=X-Remote-Group',
    '--requestheader-extra-headers-prefix=X-Remote-Extra-',
    `--proxy-client-cert-file=${files.aggregatorCertificate}`,
    `--proxy-client-key-file=${files.aggregatorKey}`,
  ];
}

/** Creates a certificate of the API server as a client, which is its own authority, and its key. */
async function createClient(
  subject: string,
  { key, certificate }: { key: string; certificate: string },
): Promise<void> {
  await runProgram('openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', subject],
    ...['-keyout', key, '-out', certificate],
  ]);
}

/** A kubeconfig with one cluster and one user. */
function kubeconfigText(server: { url: string; token: string; certificate: string }): string {
  const name = 'local';
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server: server.url, 'certificate-authority': server.certificate } }],
    users: [{ name, user: { token: server.token } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  });
}
