import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isMap, isSeq, parseDocument } from 'yaml';

/** An image of a service. `version` is its tag, or its digest if the cluster pulls it. `digest` changes whenever its content does. */
export type ChosenImage = {
  service: string;
  name: string;
  version: { newTag: string } | { digest: string };
  digest: string;
};

export type ClusterChoice = { broker: string; store: string; images: readonly ChosenImage[] };

/**
 * Writes the overlay `chosen`, which git ignores: `dev` with another broker, store and images. Resolves to its folder. Pods are replaced
 * when the content of their image changed, even under the same tag, and when the broker or the store is another one.
 */
export async function writeChosenOverlay(manifests: string, choice: ClusterChoice): Promise<string> {
  const folder = join(manifests, 'overlays', 'chosen');
  const dev = await readFile(join(manifests, 'overlays', 'dev', 'kustomization.yaml'), 'utf8');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'kustomization.yaml'), chosenKustomization(dev, choice));
  return folder;
}

/** @throws Error if the overlay does not name one broker and one store */
export function chosenKustomization(dev: string, { broker, store, images }: ClusterChoice): string {
  const document = parseDocument(dev);
  document.commentBefore = ' Written by `npm run cluster`.';
  const components = document.get('components');
  if (!isSeq(components)) throw new Error('the overlay has no components');
  document.set(
    'components',
    document.createNode(
      withChoice(withChoice(components.toJSON() as string[], 'broker', broker), 'store', store),
    ),
  );
  document.set(
    'images',
    images.map(({ service, name, version }) => ({ name: service, newName: name, ...version })),
  );
  document.set(
    'patches',
    images.map(({ service, digest }) => ({
      target: { kind: 'Deployment', name: service },
      patch: JSON.stringify([
        {
          op: 'add',
          path: '/spec/template/metadata/annotations/purchase-system~1image',
          // A sidecar reads its components when it starts.
          value: `${digest} ${broker}+${store}`,
        },
      ]),
    })),
  );
  if (!isMap(document.contents)) throw new Error('the overlay is no kustomization');
  return document.toString();
}

function withChoice(components: readonly string[], part: 'broker' | 'store', name: string): string[] {
  const isPart = (component: string): boolean => component.includes(`/components/${part}-`);
  const count = components.filter(isPart).length;
  if (count !== 1) throw new Error(`the overlay has ${count} lines for the ${part} instead of one`);
  return components.map((component) => (isPart(component) ? `../../components/${part}-${name}` : component));
}
