import { appIds } from '@unity-purchase/contracts';
import { componentDefinitions } from '../servers/servers.js';
import type { PlannedInstance } from './app-instance.js';
import { daprdArguments } from './daprd-arguments.js';
import { answersWith } from './http-status.js';
import type { SystemProcess } from './process-set.js';

/** Environment variables in addition to those of the run file and the runner. */
export type ExtraEnv = {
  apps?: Readonly<Record<string, string>>;
  sidecars?: Readonly<Record<string, string>>;
};

/** What the sidecars of a system share. */
export type SidecarContext = {
  daprdPath: string;
  /** Relative paths in component files start here. */
  root: string;
  resourcesPaths: readonly string[];
  configFile: string | undefined;
  logLevel: string;
  /** How long a stopping sidecar waits for its app to finish what was delivered to it. */
  gracefulShutdownSeconds: number;
};

/** A service needs a few seconds for each of its closing steps. After this time it is stuck. */
const appStopTimeoutMs = 30_000;

/** How much longer than its own deadline a sidecar may take to end by itself. */
const sidecarStopMarginMs = 5_000;

/** Returns the process of an app. It is ready when its health check succeeds. */
export function appProcess(instance: PlannedInstance, extra: ExtraEnv): SystemProcess {
  const { name, app, ports } = instance;
  const [command = '', ...args] = app.command;
  return {
    spec: {
      name,
      command,
      args,
      cwd: app.appDir,
      stopTimeoutMs: appStopTimeoutMs,
      env: {
        ...inheritedEnv(),
        ...app.env,
        APP_ID: app.appId,
        APP_PORT: String(ports.app),
        DAPR_HTTP_PORT: String(ports.daprHttp),
        DAPR_GRPC_PORT: String(ports.daprGrpc),
        PORT: String(ports.app),
        HOST: '127.0.0.1',
        ...extra.apps,
        ...instance.env,
      },
    },
    stopStage: stopStageOf(app.appId, 'app'),
    isReady: () => answersWith(ports.app, app.appHealth.path, 200),
  };
}

/** Returns the process of an app's sidecar. It is ready when it has loaded its components and found the app. */
export function sidecarProcess(
  instance: PlannedInstance,
  extra: ExtraEnv,
  context: SidecarContext,
): SystemProcess {
  const { sidecarName, app, ports } = instance;
  return {
    spec: {
      name: sidecarName,
      command: context.daprdPath,
      args: daprdArguments({ ...app, ...context, ports }),
      cwd: context.root,
      stopTimeoutMs: context.gracefulShutdownSeconds * 1_000 + sidecarStopMarginMs,
      isRoutine: isRoutineSidecarLine,
      env: {
        ...inheritedEnv(),
        // The address for other sidecars. By default it is the machine's first address.
        DAPR_HOST_IP: '127.0.0.1',
        ...extra.sidecars,
      },
    },
    stopStage: stopStageOf(app.appId, 'sidecar'),
    isReady: () => answersWith(ports.daprHttp, '/v1.0/healthz', 204),
  };
}

/**
 * Returns when a process is stopped; a lower stage comes first. The storefront goes first, while it can still publish. A
 * consumer's sidecar goes before its app: it delivers no more events, and those in progress are still acknowledged.
 */
function stopStageOf(appId: string, process: 'app' | 'sidecar'): number {
  if (appId === appIds.storefront) return process === 'app' ? 0 : 1;
  return process === 'sidecar' ? 2 : 3;
}

/**
 * Returns the stop stage of a server's process. Servers go after everything that uses them, the process that started last
 * first; it has the position 1.
 */
export function serverStopStage(positionFromLast: number): number {
  return 3 + positionFromLast;
}

/**
 * Parts of the lines that a sidecar writes at every start or stop and that need no attention: mTLS, actors and the scheduler
 * are off on purpose. Such lines are stored with the output of the process but not shown.
 */
const routineSidecarLines = [
  'mTLS is disabled.',
  'Actor runtime disabled:',
  'No scheduler host addresses provided.',
  ...componentDefinitions.flatMap((definition) =>
    definition.server === undefined ? [] : (definition.routineSidecarLines ?? []),
  ),
];

function isRoutineSidecarLine(line: string): boolean {
  return routineSidecarLines.some((text) => line.includes(text));
}

/** Our own environment without the variables that Jest sets: tests must start what `npm start` starts. */
function inheritedEnv(): NodeJS.ProcessEnv {
  const { JEST_WORKER_ID, ...env } = process.env;
  if (JEST_WORKER_ID !== undefined && env['NODE_ENV'] === 'test') delete env['NODE_ENV'];
  return env;
}
