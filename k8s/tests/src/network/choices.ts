import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { manifests, manifestsIn, render } from '../render.js';
import { networkPoliciesIn, type NetworkPolicy } from './network-policy.js';

/** A choice of components, as an overlay makes it, and the policies that come with it. */
export type Choice = { components: readonly string[]; policies: readonly NetworkPolicy[] };

/**
 * Every broker with every store, with and without signing in elsewhere. Only policies are put together: what else a component
 * changes needs the whole base.
 */
export async function everyChoice(): Promise<Choice[]> {
  const base = networkPoliciesIn(await render(join(manifests, 'base', 'network')));
  const all = await readdir(join(manifests, 'components'));
  const starting = (prefix: string) => all.filter((name) => name.startsWith(prefix)).sort();
  const policiesOf = new Map(
    await Promise.all(
      [...starting('broker-'), ...starting('store-'), 'openid-connect'].map(
        async (name) => [name, await policiesIn(name)] as const,
      ),
    ),
  );
  return starting('broker-')
    .flatMap((broker) => starting('store-').map((store) => [broker, store]))
    .flatMap((pair) => [pair, [...pair, 'openid-connect']])
    .map((components) => ({
      components,
      policies: [...base, ...components.flatMap((name) => policiesOf.get(name) ?? [])],
    }));
}

async function policiesIn(component: string): Promise<NetworkPolicy[]> {
  const file = join(manifests, 'components', component, 'networkpolicy.yaml');
  return networkPoliciesIn(manifestsIn(await readFile(file, 'utf8')));
}
