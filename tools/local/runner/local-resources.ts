import { join, resolve } from 'node:path';
import type { RunFile, RunFileApp } from '../run-file/read-run-file.js';
import { chooseResources, folderOf, requireChoice, requirePaths, type Choice } from './choose-resources.js';
import { renderResources, type MetadataOverrides } from './render-resources.js';
import { metadataFromEnvironment } from '../servers/component-address.js';
import type { ServerPorts } from '../servers/server-definition.js';
import { componentOf, readResourceFolder, type Component } from './resource-documents.js';

export type ResourceOptions = Choice & {
  root: string;
  dataDir: string;
  /** Replace the ports of the component files, for servers that are started on this machine. */
  serverPorts: ServerPorts;
  metadata: MetadataOverrides;
};

/** The Dapr resources of every app as its sidecar loads them. */
export type LocalResources = {
  of: (app: RunFileApp) => { resourcesPaths: readonly string[]; configFile: string | undefined };
  /** Every component once, after all replacements. */
  components: readonly Component[];
};

/** Returns the data folder that the files in components/ name. */
export function defaultDataDir(root: string): string {
  return join(root, '.data');
}

/**
 * Selects the broker's and the store's component files. With the default data folder and the default ports, sidecars load the
 * files themselves, as with `dapr run`; otherwise they load a rendered copy. Rejects for an unknown broker or store, and for
 * paths that do not exist.
 */
export async function prepareResources(runFile: RunFile, options: ResourceOptions): Promise<LocalResources> {
  await requireChoice(options, options.root);
  const chosen = new Map(
    runFile.apps.map((app) => [app.appId, chooseResources(app.resourcesPaths, options, options.root)]),
  );
  const folders = [...new Set([...chosen.values()].flat())];
  const configFiles = runFile.apps.flatMap(({ configFile }) =>
    configFile === undefined ? [] : [configFile],
  );
  requirePaths([...folders, ...configFiles]);

  const originals = await readComponents(folders);
  const copies = isDefault(options, originals)
    ? undefined
    : await renderResources(folders, configFiles, { ...options, overrides: options.metadata });
  const effective = (path: string): string => copies?.get(path) ?? path;
  const components = copies === undefined ? originals : await readComponents(folders.map(effective));
  return {
    components,
    of: ({ appId, configFile }) => ({
      resourcesPaths: (chosen.get(appId) ?? []).map(effective),
      configFile: configFile === undefined ? undefined : effective(configFile),
    }),
  };
}

/** Returns the components of a broker or a store as their files define them. Rejects for an unknown name. */
export async function componentsOf(
  kind: 'broker' | 'store',
  name: string,
  root: string,
): Promise<Component[]> {
  const folder = await folderOf(kind, name, root);
  return readComponents([folder]);
}

function isDefault(
  { root, dataDir, serverPorts, metadata }: ResourceOptions,
  components: readonly Component[],
): boolean {
  const sameFolder = resolve(dataDir) === resolve(defaultDataDir(root));
  const sameServers =
    Object.keys(serverPorts).length === 0 &&
    components.every(({ type }) => metadataFromEnvironment(type) === undefined);
  return sameFolder && sameServers && Object.keys(metadata).length === 0;
}

async function readComponents(folders: readonly string[]): Promise<Component[]> {
  const files = (await Promise.all(folders.map(readResourceFolder))).flat();
  return files.flatMap(({ documents }) => documents.flatMap((document) => componentOf(document) ?? []));
}
