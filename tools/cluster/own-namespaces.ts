import { z } from 'zod';
import type { Programs } from './programs.js';

/** The label of every namespace that `npm run cluster` created. */
export const ownLabel = 'purchase-system/personal';

const namespacesSchema = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string(), labels: z.record(z.string(), z.string()).optional() }),
    }),
  ),
});

/**
 * Resolves to those of the namespaces that exist in a cluster.
 *
 * @throws Error naming those that something else created: they must not be changed, and above all not removed
 */
export async function requireOwnNamespaces(
  { read }: Programs,
  context: string,
  names: readonly string[],
): Promise<string[]> {
  const answer = await read('kubectl', ['--context', context, 'get', 'namespaces', '--output', 'json']);
  const found = namespacesSchema
    .parse(JSON.parse(answer))
    .items.filter(({ metadata }) => names.includes(metadata.name));
  const foreign = found
    .filter(({ metadata }) => metadata.labels?.[ownLabel] !== 'true')
    .map(({ metadata }) => metadata.name);
  if (foreign.length > 0)
    throw new Error(
      `This command did not create the namespaces ${foreign.join(', ')} of ${context}, so it leaves this cluster alone.`,
    );
  return found.map(({ metadata }) => metadata.name);
}
