import { join } from 'node:path';
import { isMap, isScalar, isSeq, visit } from 'yaml';
import { parseYaml } from '../edit-yaml.js';
import { obtainKubernetesProgram } from '../programs/kubernetes-programs.js';
import { runProgram } from '../programs/run-program.js';
import { imageNames, referenceOf, type DeployedImages } from './deployed-images.js';

/** The overlays of the clusters that releases reach. */
export const overlays = { staging: 'k8s/overlays/staging', production: 'k8s/overlays/prod' } as const;
export type ReleasedOverlay = (typeof overlays)[keyof typeof overlays];

/** Rejects unless the manifests that kustomize renders from an overlay of a checkout run exactly these two images. */
export async function requireRendered(
  checkout: string,
  overlay: ReleasedOverlay,
  images: DeployedImages,
): Promise<void> {
  const rendered = await runProgram(await obtainKubernetesProgram('kubectl'), [
    'kustomize',
    join(checkout, overlay),
  ]);
  const expected = imageNames.map((name) => referenceOf(images[name]));
  const found = imagesInManifests(rendered);
  const unexpected = found.filter((image) => !expected.includes(image));
  const missing = expected.filter((image) => !found.includes(image));
  if (unexpected.length + missing.length > 0)
    throw new Error(
      `${overlay} would not run exactly the two released images (unexpected: ${unexpected.join(', ') || 'none'}; ` +
        `missing: ${missing.join(', ') || 'none'}). Nothing was changed. Correct the overlay first.`,
    );
}

/** The images of all containers in rendered manifests, each once, sorted. */
export function imagesInManifests(manifests: string): string[] {
  const found = new Set<string>();
  for (const document of parseYaml(manifests, 'The rendered manifests'))
    visit(document, {
      Pair: (_key, { key, value }) => {
        if (!isScalar(key) || !/^(?:init|ephemeral)?containers$/i.test(String(key.value)) || !isSeq(value))
          return;
        for (const container of value.items) if (isMap(container)) found.add(String(container.get('image')));
      },
    });
  return [...found].sort();
}
