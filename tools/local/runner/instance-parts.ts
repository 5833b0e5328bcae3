import type { PlannedInstance } from './app-instance.js';
import { daprdArguments, sidecarGracefulShutdownSeconds } from './daprd-arguments.js';
import { answersWith } from './http-status.js';
import type { Part } from './process-set.js';
import { isRoutineSidecarLine } from './routine-lines.js';
import { stopStageOf } from './stop-order.js';

/** Extra environment, on top of what the run file and the runner set. */
export type ExtraEnv = {
  apps?: Readonly<Record<string, string>>;
  sidecars?: Readonly<Record<string, string>>;
};

export type SidecarContext = {
  daprdPath: string;
  /** Relative paths in component files are relative to it. */
  root: string;
  resourcesPaths: readonly string[];
  configFile: string | undefined;
  logLevel: string;
};

/** A service finishes what it has begun, a few seconds each; then it is not finishing, but stuck. */
const appStopTimeoutMs = 30_000;

/** Longer than the sidecar's own deadline, so that it is the sidecar that decides. */
const sidecarStopTimeoutMs = (sidecarGracefulShutdownSeconds + 5) * 1_000;

/** The process of an app; ready when its health check says so. */
export function appPart(instance: PlannedInstance, extra: ExtraEnv): Part {
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

/** The process of an app's sidecar; ready when it has loaded its components and found the app. */
export function sidecarPart(instance: PlannedInstance, extra: ExtraEnv, context: SidecarContext): Part {
  const { sidecarName, app, ports } = instance;
  return {
    spec: {
      name: sidecarName,
      command: context.daprdPath,
      args: daprdArguments({ ...app, ...context, ports }),
      cwd: context.root,
      stopTimeoutMs: sidecarStopTimeoutMs,
      isRoutine: isRoutineSidecarLine,
      env: {
        ...inheritedEnv(),
        // What it tells other sidecars to find it under; by default the first address of the machine.
        DAPR_HOST_IP: '127.0.0.1',
        ...extra.sidecars,
      },
    },
    stopStage: stopStageOf(app.appId, 'sidecar'),
    isReady: () => answersWith(ports.daprHttp, '/v1.0/healthz', 204),
  };
}

/** Without what a test runner sets for itself: what tests start must be what `npm start` starts. */
function inheritedEnv(): NodeJS.ProcessEnv {
  const { JEST_WORKER_ID, ...env } = process.env;
  if (JEST_WORKER_ID !== undefined && env['NODE_ENV'] === 'test') delete env['NODE_ENV'];
  return env;
}
