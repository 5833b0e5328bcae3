import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Upstream } from '@unity-purchase/tools';
import { crdPlaces } from '../schemas/crds.js';

/** Where CRDs come from: an upstream's module, or a folder of YAML files. */
export type CrdSource = Upstream | { folder: string };

/** The files of a source. Rejects if they are not available. */
export async function crdFilesOf(source: CrdSource): Promise<string[]> {
  const folders = typeof source === 'string' ? await crdPlaces(source) : [source.folder];
  const names = await Promise.all(
    folders.map(async (folder) =>
      (await readdir(folder)).filter((name) => name.endsWith('.yaml')).map((name) => join(folder, name)),
    ),
  );
  // Some upstreams keep admission policies and kustomizations next to them.
  const files = names.flat().sort();
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  return files.filter((_file, index) => /^kind: CustomResourceDefinition$/m.test(texts[index] ?? ''));
}
