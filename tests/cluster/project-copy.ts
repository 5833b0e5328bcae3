import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '@unity-purchase/tools';

/** A copy of what operators change and apply, so that a run writes no secrets into the checkout. */
export async function copyManifests(root: string): Promise<void> {
  await mkdir(root);
  for (const part of ['k8s', 'components'])
    await cp(join(projectRoot, part), join(root, part), { recursive: true });
}

/** Changes the two lines of an overlay that choose the broker and the store. Rejects unless there are exactly two. */
export async function chooseInOverlay(root: string, overlay: string, choice: Choice): Promise<void> {
  const file = join(root, 'k8s', 'overlays', overlay, 'kustomization.yaml');
  await writeFile(file, withChoice(await readFile(file, 'utf8'), choice));
}

/**
 * Lets a gateway into an overlay that has none: adds the network policy of a gateway's component, whose route needs the address of the
 * shop.
 */
export async function admitGateway(root: string, overlay: string, component: string): Promise<void> {
  const folder = join(root, 'k8s', 'overlays', overlay);
  const policy = 'gateway.yaml';
  await cp(join(root, 'k8s', 'components', component, 'networkpolicy.yaml'), join(folder, policy));
  const file = join(folder, 'kustomization.yaml');
  await writeFile(file, withResource(await readFile(file, 'utf8'), policy));
}

/** Returns the text of an overlay with one more resource. Throws if it has none. */
export function withResource(text: string, resource: string): string {
  if (!text.includes('\nresources:\n')) throw new Error('the overlay has no resources');
  return text.replace('\nresources:\n', `\nresources:\n  - ${resource}\n`);
}

type Choice = { broker: string; store: string };

/** Returns the text of an overlay with another broker and store. Throws unless exactly one line names each. */
export function withChoice(text: string, choice: Choice): string {
  let changed = text;
  for (const [part, name] of Object.entries(choice)) {
    const line = new RegExp(`(?<=components/${part}-)\\w+$`, 'gm');
    const count = [...text.matchAll(line)].length;
    if (count !== 1) throw new Error(`the overlay has ${String(count)} lines for the ${part} instead of one`);
    changed = changed.replace(line, name);
  }
  return changed;
}
