import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isSeq, parseDocument } from 'yaml';
import { brokers } from '../brokers/cluster-brokers.js';
import { gateways, options, overlays, production, stores, type Combination } from './combinations.js';

/** Lists in which kustomize silently ignores an entry that matches nothing. */
const silentLists = ['patches', 'replacements', 'images', 'labels', 'configMapGenerator', 'secretGenerator'];

/** An entry of a kustomization that should change the rendered result. */
export type KustomizationEntry = {
  /** `components/broker-kafka/kustomization.yaml`. */
  file: string;
  list: string;
  index: number;
};

/** All such entries of what the overlays are made of, below the folder of the manifests. */
export async function kustomizationEntries(manifests: string): Promise<KustomizationEntry[]> {
  const names = (await readdir(manifests, { recursive: true })).filter((name) =>
    /^(base|components|installation|overlays|release)\/.*kustomization\.yaml$/.test(name),
  );
  const entries = await Promise.all(
    names.sort().map(async (file) => {
      const document = parseDocument(await readFile(join(manifests, file), 'utf8'));
      return silentLists.flatMap((list) => {
        const items = document.get(list);
        return isSeq(items) ? items.items.map((_item, index) => ({ file, list, index })) : [];
      });
    }),
  );
  return entries.flat();
}

/** Removes the entry from its file. The returned function restores the file. */
export async function removeEntry(
  manifests: string,
  entry: KustomizationEntry,
): Promise<() => Promise<void>> {
  const path = join(manifests, entry.file);
  const before = await readFile(path, 'utf8');
  const document = parseDocument(before);
  document.deleteIn([entry.list, entry.index]);
  await writeFile(path, document.toString());
  return () => writeFile(path, before);
}

/** The combinations that an entry of this file can change, the likeliest first. */
export function combinationsWith({ file }: KustomizationEntry): Combination[] {
  const [place, name = ''] = dirname(file).split('/');
  const option = options.find((one) => dirname(file) === `components/${one}`);
  if (option !== undefined) return [{ ...production, option }];
  const gateway = gateways.find((one) => name === `gateway-${one}`);
  if (gateway !== undefined) return [{ ...production, gateway }];
  const within = <T extends string>(all: readonly T[], prefix: string): readonly T[] =>
    name.startsWith(prefix) ? all.filter((one) => name === `${prefix}${one}`) : all;
  const chosenOverlays = place === 'overlays' ? overlays.filter((one) => one === name) : overlays;
  const chosenStores = name.startsWith('store-') ? within(stores, 'store-') : stores.slice(0, 1);
  return within(brokers, 'broker-').flatMap((broker) =>
    chosenStores.flatMap((store) => chosenOverlays.map((overlay) => ({ overlay, broker, store }))),
  );
}
