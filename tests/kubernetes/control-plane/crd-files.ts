import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Upstream } from '@unity-purchase/tools';
import { crdPlaces } from '../schemas/crds.js';

/** Whose definitions of resources are meant: a project's as it publishes them, or a folder of YAML files. */
export type CrdSource = Upstream | { folder: string };

/** The files of a source. Rejects when they cannot be had. */
export async function crdFilesOf(source: CrdSource): Promise<string[]> {
  const folders = typeof source === 'string' ? await crdPlaces(source) : [source.folder];
  const names = await Promise.all(
    folders.map(async (folder) =>
      (await readdir(folder)).filter((name) => name.endsWith('.yaml')).map((name) => join(folder, name)),
    ),
  );
  return names.flat().sort();
}
