import { stringify } from 'yaml';

/** A kubeconfig with one cluster and one user. */
export function kubeconfigText(server: { url: string; token: string; certificate: string }): string {
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
