import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isMap, isSeq, type Document } from 'yaml';
import { parseYaml } from '../../edit-yaml.js';

/** A YAML file with Dapr resources. Editing its documents keeps the comments. */
export type ResourceFile = { path: string; documents: readonly Document[] };

/** A Dapr component with its metadata. */
export type Component = { name: string; type: string; metadata: ReadonlyMap<string, string> };

/** Reads the YAML files of a folder, without subfolders, as daprd does. Rejects for invalid YAML, naming the file. */
export async function readResourceFolder(folder: string): Promise<ResourceFile[]> {
  const names = (await readdir(folder)).filter((name) => /\.ya?ml$/.test(name)).sort();
  return Promise.all(names.map((name) => readResourceFile(join(folder, name))));
}

/** Reads one YAML file. Rejects for invalid YAML, naming the file. */
export async function readResourceFile(path: string): Promise<ResourceFile> {
  return { path, documents: parseYaml(await readFile(path, 'utf8'), path) };
}

/** Returns the component that a document defines, or undefined for a resource of another kind. */
export function componentOf(document: Document): Component | undefined {
  if (document.get('kind') !== 'Component') return undefined;
  const entries = metadataEntries(document).map(({ name, value }) => [name, value] as const);
  return {
    name: String(document.getIn(['metadata', 'name'])),
    type: String(document.getIn(['spec', 'type'])),
    metadata: new Map(entries),
  };
}

/** Sets a metadata value of a component, and adds the key if it is missing. */
export function setMetadata(document: Document, name: string, value: string): void {
  const index = metadataEntries(document).findIndex((entry) => entry.name === name);
  if (index >= 0) document.setIn(['spec', 'metadata', index, 'value'], value);
  else document.addIn(['spec', 'metadata'], document.createNode({ name, value }));
}

function metadataEntries(document: Document): { name: string; value: string }[] {
  const metadata = document.getIn(['spec', 'metadata']);
  if (!isSeq(metadata)) return [];
  return metadata.items
    .filter(isMap)
    .map((entry) => ({ name: String(entry.get('name')), value: String(entry.get('value')) }));
}
