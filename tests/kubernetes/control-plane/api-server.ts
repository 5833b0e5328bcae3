import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorText, findFreePorts, obtainKubernetesProgram, type ServerProcess } from '@unity-purchase/tools';
import { createApiClient, type ApiClient } from './api-client.js';
import { kubeconfigText } from './kubeconfig.js';

/** What it writes goes away with its folder, so it may be ended soon; it waits a minute for whoever still watches. */
const stopTimeoutMs = 5_000;

export type ApiServer = {
  /** In the order of their start. */
  processes: readonly ServerProcess[];
  /** For all that ask it as somebody who may do everything. */
  kubeconfig: string;
  client: ApiClient;
  port: number;
  /** Signs the tokens of service accounts. */
  serviceAccountKey: string;
};

/**
 * etcd and an API server that listen on free ports of the loopback interface. Who has the token may do everything: what is
 * tried here are manifests and controllers, not who may do what.
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
    // The API server makes and signs it when it starts.
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
            // Nothing here has to survive a power cut.
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
            // Else a node is taken for broken until a controller that does not run here says otherwise.
            '--disable-admission-plugins=TaintNodesByCondition',
            // Who has no token is asked for one, as in a cluster, also by what stands behind the API server.
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
