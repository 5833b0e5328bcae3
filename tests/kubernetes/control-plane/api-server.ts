import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorText, findFreePorts, obtainKubernetesProgram, type ServerProcess } from '@unity-purchase/tools';
import { stringify } from 'yaml';
import { createApiClient, type ApiClient } from './api-client.js';

/** The API server waits a minute for its watchers. Its data is temporary, so it need not. */
const stopTimeoutMs = 5_000;

export type ApiServer = {
  /** In start order. */
  processes: readonly ServerProcess[];
  /** The path of a kubeconfig with all permissions. */
  kubeconfig: string;
  client: ApiClient;
  port: number;
  /** Signs the tokens of service accounts. */
  serviceAccountKey: string;
};

/**
 * Prepares etcd and an API server on free ports of the loopback interface. Their token has all permissions, because tests
 * are about manifests and controllers, not about access.
 */
export async function prepareApiServer(folder: string): Promise<ApiServer> {
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
  };
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  await writeFile(files.serviceAccountKey, privateKey, { mode: 0o600 });
  await writeFile(files.tokens, `${token},tester,tester,system:masters\n`, { mode: 0o600 });
  const url = `https://127.0.0.1:${port}`;
  await writeFile(files.kubeconfig, kubeconfigText({ url, token, certificate: files.certificate }), {
    mode: 0o600,
  });
  const client = createApiClient({ port, token, certificate: () => readFileSync(files.certificate, 'utf8') });
  const common = { cwd: folder, env: process.env, stopTimeoutMs };
  return {
    kubeconfig: files.kubeconfig,
    client,
    port,
    serviceAccountKey: files.serviceAccountKey,
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
            '--bind-address=127.0.0.1',
            `--secure-port=${port}`,
            `--cert-dir=${certificates}`,
            '--service-account-issuer=https://kubernetes.default.svc',
            `--service-account-key-file=${files.serviceAccountKey}`,
            `--service-account-signing-key-file=${files.serviceAccountKey}`,
            '--authorization-mode=AlwaysAllow',
            `--token-auth-file=${files.tokens}`,
            '--service-cluster-ip-range=10.0.0.0/24',
            // Otherwise nodes stay tainted, because the controller that removes the taint does not run.
            '--disable-admission-plugins=TaintNodesByCondition',
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
