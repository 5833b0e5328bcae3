import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Programs } from './programs.js';

/** The secrets of a personal cluster, which make-secrets.sh writes. */
export function secretsFolder(root: string): string {
  return join(root, 'k8s', 'components', 'dev-secrets');
}

/**
 * Writes the secrets that are missing.
 *
 * @throws Error if the cluster has others: its servers were started with those of another checkout
 */
export async function createSecrets(programs: Programs, context: string, root: string): Promise<void> {
  const folder = secretsFolder(root);
  await programs.show('bash', [join(folder, 'make-secrets.sh')]);
  const inCluster = await programs.read('kubectl', [
    ...['--context', context, '--namespace', 'purchase-system'],
    ...['get', 'secret', 'operator-token', '--ignore-not-found'],
    ...['--output', 'go-template={{.data.token | base64decode}}'],
  ]);
  if (inCluster !== '' && inCluster !== (await readFile(join(folder, 'operator-token'), 'utf8')))
    throw new Error(
      'The cluster has the secrets of another checkout. Copy k8s/components/dev-secrets from it, or begin anew with --down.',
    );
}
