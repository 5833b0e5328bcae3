import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { runFileSchema, type RunFileContent } from './schema.js';

/** An app of the run file, merged with `common`. Every path is absolute. */
export type RunFileApp = {
  appId: string;
  appDir: string;
  appPort: number;
  daprHttpPort: number;
  daprGrpcPort: number;
  metricsPort: number;
  command: readonly string[];
  env: Readonly<Record<string, string>>;
  resourcesPaths: readonly string[];
  configFile: string | undefined;
  /** Undefined if the run file turns the service off. */
  placementHostAddress: string | undefined;
  schedulerHostAddress: string | undefined;
  appHealth: AppHealth;
};

export type AppHealth = {
  enabled: boolean;
  path: string;
  probeIntervalSeconds: number;
  probeTimeoutMs: number;
  /** The number of consecutive failures after which the app is unhealthy. */
  threshold: number;
};

export type RunFile = { path: string; apps: readonly RunFileApp[] };

/**
 * Reads a Dapr run file. Rejects with every error and its location: invalid YAML, unknown keys, missing or invalid values, and
 * an app id that occurs twice.
 */
export async function readRunFile(path: string): Promise<RunFile> {
  return parseRunFile(await readFile(path, 'utf8'), path);
}

/** Parses a run file as `readRunFile` does. Its paths are relative to the folder of `path`. */
export function parseRunFile(text: string, path: string): RunFile {
  const result = runFileSchema.safeParse(parse(text));
  if (!result.success) {
    const problems = result.error.issues.map((issue) => `- ${locationOf(issue.path)}: ${issue.message}`);
    throw new Error([`${path} is not a valid run file:`, ...problems].join('\n'));
  }
  const { common, apps } = result.data;
  const ids = apps.map((app) => app.appID);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) throw new Error(`${path} has two apps named ${twice}`);
  return { path, apps: apps.map((app) => mergeApp(common, app, dirname(resolve(path)))) };
}

function mergeApp(
  common: RunFileContent['common'],
  app: RunFileContent['apps'][number],
  folder: string,
): RunFileApp {
  const merged = { ...common, ...app };
  return {
    appId: app.appID,
    appDir: resolve(folder, app.appDirPath),
    appPort: app.appPort,
    daprHttpPort: app.daprHTTPPort,
    daprGrpcPort: app.daprGRPCPort,
    metricsPort: app.metricsPort,
    command: app.command,
    env: { ...common.env, ...app.env },
    resourcesPaths: (merged.resourcesPaths ?? []).map((one) => resolve(folder, one)),
    configFile: merged.configFilePath === undefined ? undefined : resolve(folder, merged.configFilePath),
    placementHostAddress: address(merged.placementHostAddress),
    schedulerHostAddress: address(merged.schedulerHostAddress),
    // The same defaults as daprd's.
    appHealth: {
      enabled: merged.enableAppHealthCheck ?? false,
      path: merged.appHealthCheckPath ?? '/healthz',
      probeIntervalSeconds: merged.appHealthProbeInterval ?? 5,
      probeTimeoutMs: merged.appHealthProbeTimeout ?? 500,
      threshold: merged.appHealthThreshold ?? 3,
    },
  };
}

/** Returns undefined for a blank address: the Dapr CLI turns the scheduler off with a single space. */
function address(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === '' ? undefined : text.trim();
}

/** `apps[0].daprHTTPPort` */
function locationOf(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'the file';
  return path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '');
}
