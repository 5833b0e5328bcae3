import { isMap, isScalar, isSeq, visit } from 'yaml';
import { parseYaml } from '../edit-yaml.js';

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
