import { mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import type { Document } from 'yaml';
import {
  addressOf,
  definitionOf,
  metadataForPort,
  metadataFromEnvironment,
} from '../servers/component-address.js';
import type { ServerPorts } from '../servers/server-definition.js';
import {
  componentOf,
  readResourceFile,
  readResourceFolder,
  setMetadata,
  type Component,
  type ResourceFile,
} from './resource-documents.js';

/** Only the owner may read and write the file. */
const ownerOnly = 0o600;

/** Metadata by the name of the component and the key. It overrides the runner's own replacements. */
export type MetadataOverrides = Readonly<Record<string, Readonly<Record<string, string>>>>;

export type Rendering = {
  /** The copies have the same paths relative to this folder. */
  root: string;
  dataDir: string;
  serverPorts: ServerPorts;
  overrides: MetadataOverrides;
};

/**
 * Copies resource folders and configuration files to `<dataDir>/resources`, with the ports and the data folder replaced. It
 * deletes earlier copies first. Returns the path of each copy by the path of its original.
 */
export async function renderResources(
  folders: readonly string[],
  configFiles: readonly string[],
  rendering: Rendering,
): Promise<ReadonlyMap<string, string>> {
  const target = join(rendering.dataDir, 'resources');
  await rm(target, { recursive: true, force: true });
  const copyOf = (path: string): string => join(target, relative(rendering.root, path));
  for (const folder of new Set(folders))
    for (const file of await readResourceFolder(folder)) await render(file, copyOf(file.path), rendering);
  for (const path of new Set(configFiles))
    await render(await readResourceFile(path), copyOf(path), rendering);
  return new Map([...folders, ...configFiles].map((path) => [path, copyOf(path)]));
}

async function render(file: ResourceFile, target: string, rendering: Rendering): Promise<void> {
  for (const document of file.documents) replaceValues(document, rendering);
  await mkdir(dirname(target), { recursive: true });
  // An address from the environment may contain a password.
  await writeFile(target, file.documents.map(String).join(''), { mode: ownerOnly });
}

function replaceValues(document: Document, rendering: Rendering): void {
  const component = componentOf(document);
  if (component === undefined) {
    moveNameResolution(document, rendering.dataDir);
    return;
  }
  const values = { ...localValues(component, rendering), ...rendering.overrides[component.name] };
  for (const [name, value] of Object.entries(values)) setMetadata(document, name, value);
}

/** Returns the metadata with the addresses of this system's servers and the paths of its files. */
function localValues(component: Component, { dataDir, serverPorts }: Rendering): Record<string, string> {
  const inDataDir = (key: string): Record<string, string> => ({
    [key]: join(dataDir, basename(component.metadata.get(key) ?? key)),
  });
  if (component.type === 'secretstores.local.file') return inDataDir('secretsFile');
  const definition = definitionOf(component.type);
  return definition !== undefined && 'file' in definition
    ? inDataDir(definition.file.key)
    : serverValues(component, serverPorts);
}

function serverValues(component: Component, serverPorts: ServerPorts): Record<string, string> {
  const server = addressOf(component)?.server;
  const [port] = (server === undefined ? undefined : serverPorts[server.name]) ?? [];
  if (port !== undefined) return metadataForPort(component, port);
  return metadataFromEnvironment(component.type) ?? {};
}

function moveNameResolution(document: Document, dataDir: string): void {
  const path = ['spec', 'nameResolution', 'configuration', 'connectionString'];
  const current = document.getIn(path);
  if (typeof current === 'string') document.setIn(path, join(dataDir, basename(current)));
}
