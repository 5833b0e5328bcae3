import { join, resolve } from 'node:path';
import type { RunFile, RunFileApp } from '../run-file/read-run-file.js';
import { chooseResources, requireChoice, requirePaths, type Choice } from './choose-resources.js';
import { renderResources, type MetadataOverrides } from './render-resources.js';
import { componentOf, readResourceFolder, type Component } from './resource-documents.js';

export type ResourceOptions = Choice & {
  root: string;
  dataDir: string;
  natsPort: number | undefined;
  metadata: MetadataOverrides;
};

/** The resources of every app as its sidecar gets them. */
export type LocalResources = {
  of: (app: RunFileApp) => { resourcesPaths: readonly string[]; configFile: string | undefined };
  /** Each component once, as it is after every replacement. */
  components: readonly Component[];
  /** The port of the NATS server that the components want, if they want one. */
  natsPort: number | undefined;
};

/** The data folder that the files under components/ name. */
export function defaultDataDir(root: string): string {
  return join(root, '.data');
}

/**
 * Chooses the broker's and the store's folder. In the default data folder and with the default ports the files are used as
 * they are, as `dapr run` would; else a copy is rendered. Rejects for an unknown choice and for paths that do not exist.
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

  const copies = isDefault(options)
    ? undefined
    : await renderResources(folders, configFiles, { ...options, overrides: options.metadata });
  const effective = (path: string): string => copies?.get(path) ?? path;
  const components = await readComponents(folders.map(effective));
  return {
    components,
    natsPort: natsPortOf(components),
    of: ({ appId, configFile }) => ({
      resourcesPaths: (chosen.get(appId) ?? []).map(effective),
      configFile: configFile === undefined ? undefined : effective(configFile),
    }),
  };
}

function isDefault({ root, dataDir, natsPort, metadata }: ResourceOptions): boolean {
  const sameFolder = resolve(dataDir) === resolve(defaultDataDir(root));
  return sameFolder && natsPort === undefined && Object.keys(metadata).length === 0;
}

async function readComponents(folders: readonly string[]): Promise<Component[]> {
  const files = (await Promise.all(folders.map(readResourceFolder))).flat();
  return files.flatMap(({ documents }) => documents.flatMap((document) => componentOf(document) ?? []));
}

function natsPortOf(components: readonly Component[]): number | undefined {
  const url = components.find(({ type }) => type === 'pubsub.jetstream')?.metadata.get('natsURL');
  // 4222 is the port that a nats:// address without one means.
  return url === undefined ? undefined : Number(new URL(url).port || 4_222);
}
