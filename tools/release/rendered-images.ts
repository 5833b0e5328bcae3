import { isMap, isScalar, isSeq, parseAllDocuments, visit } from 'yaml';

/** Every image that a pod would run by rendered manifests, each once, sorted. */
export function imagesInManifests(manifests: string): string[] {
  const found = new Set<string>();
  for (const document of parseAllDocuments(manifests)) {
    if (document.errors[0] !== undefined) throw document.errors[0];
    visit(document, {
      Pair: (_key, { key, value }) => {
        if (!isScalar(key) || !/^(?:init|ephemeral)?containers$/i.test(String(key.value)) || !isSeq(value))
          return;
        for (const container of value.items) if (isMap(container)) found.add(String(container.get('image')));
      },
    });
  }
  return [...found].sort();
}
