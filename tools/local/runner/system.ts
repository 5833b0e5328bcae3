import { join } from 'node:path';
import { appIds, components } from '@unity-purchase/contracts';
import { addressOf, serverComponentOf } from '../servers/component-address.js';
import { provisionBroker } from '../servers/provision-broker.js';
import { isBuiltDaprd } from '../../programs/daprd-recipe.js';
import { openPauses, type OpenPauses } from '../pauses/open-pauses.js';
import { errorText } from '../../programs/error-text.js';
import { obtainTool } from '../../programs/obtain.js';
import { ensureSecrets } from '../secrets.js';
import { rejectOnAbort } from '../wait-until.js';
import { portNeedsOf, type AppInstance, type PlannedInstance } from './app-instance.js';
import type { AppPorts } from './daprd-arguments.js';
import { watchForOutages } from './broker-outages.js';
import { appProcess, sidecarProcess } from './instance-processes.js';
import { lockDataFolder } from './data-folder-lock.js';
import { requireTrueAcknowledgements } from './false-acknowledgements.js';
import { createLinePrefix } from './line-prefix.js';
import { planSystem, type SystemPlan } from './plan-system.js';
import { anyIsListening, requireFreePorts } from './ports.js';
import { createProcessSet, type ProcessSet } from './process-set.js';
import { startServer, type RunningServer } from './running-server.js';
import type { StartOptions } from './start-options.js';
import { rejectOnFailure, type ProcessFailure, type SupervisedProcess } from './supervised-process.js';

/**
 * A running system. Its processes are named after their server, or `storefront`, `storefront-sidecar`, `purchase-service` and
 * `purchase-service-sidecar`. Replicas are `purchase-service-2` and `purchase-service-2-sidecar`.
 */
export type RunningSystem = AsyncDisposable & {
  names: () => readonly string[];
  /** Returns the handle of a process, to kill, stop, restart or read it. Throws for an unknown name. */
  process: (name: string) => SupervisedProcess;
  /** Returns the output of a process, up to its newest 5,000 lines. */
  lines: (name: string) => readonly string[];
  /** Returns the ports of an app and its sidecar, by the name of either. */
  ports: (name: string) => AppPorts;
  /** Returns the address of an app or of a sidecar's HTTP API. */
  url: (name: string) => string;
  /** Returns a server that was started with the system. Throws for any other name. */
  server: (name: string) => RunningServer;
  /** Resolves when a process is ready. Rejects with what is missing when it is not ready in time or has ended. */
  waitUntilReady: (name: string, timeoutMs?: number) => Promise<void>;
  /** Starts another instance of an app with its own sidecar. Resolves when both are ready. */
  addReplica: (instance: AppInstance) => Promise<SupervisedProcess>;
  /** Resolves with the first process that ended unexpectedly. The others are then stopped in order. */
  readonly failed: Promise<ProcessFailure>;
  /** Stops every process in order. Resolves when all have ended, never rejects, and may be called again. */
  stop: () => Promise<void>;
};

/** As long as the service may take for one event. */
const defaultGracefulShutdownSeconds = 30;

/** Covers a cold start on a busy machine, where a sidecar alone may wait a minute for its broker. */
const defaultReadyTimeoutMs = 90_000;

/**
 * Starts the run file's services with their sidecars, broker and store on this machine. Resolves when all are ready. Rejects
 * when a port is taken, another system uses the data folder, a server elsewhere does not answer, or a process ends or does not become ready. The message names it
 * and shows its last lines, and no process is left running.
 */
export async function startSystem(options: StartOptions): Promise<RunningSystem> {
  const plan = await planSystem(options);
  await requireFreePorts(plan.portNeeds);
  const lock = await lockDataFolder(plan.dataDir);
  const unlock = async (): Promise<void> => {
    await lock[Symbol.asyncDispose]();
  };
  try {
    return await startPlanned(plan, options, unlock);
  } catch (error) {
    await unlock();
    throw error;
  }
}

/** Starts what is planned. `afterStop` runs when every process has ended. */
async function startPlanned(
  plan: SystemPlan,
  options: StartOptions,
  afterStop: () => Promise<void>,
): Promise<RunningSystem> {
  await ensureSecrets(join(plan.dataDir, 'secrets.json'));
  const daprdPath = options.daprdPath ?? (await obtainTool('daprd'));
  await requireTrueAcknowledgements(plan.resources.components, daprdPath);

  const names = plan.instances.flatMap(({ name, sidecarName }) => [name, sidecarName]);
  const prefix = createLinePrefix(
    [...plan.servers.map(({ definition }) => definition.name), ...names],
    options.coloured === true,
  );
  const processes = createProcessSet((name, line) => options.log?.(prefix(name, line)));
  const watch = new AbortController();
  const start = starter(plan, processes, { ...options, daprdPath, signal: watch.signal });
  const servers: RunningServer[] = [];
  let pauses: OpenPauses | undefined;
  const startEverything = async (): Promise<void> => {
    servers.push(...(await start.servers()));
    if (options.offersPauses === true) pauses = await openPausesOf(plan, { processes, servers, options });
    // The start was given up meanwhile, so nothing else would end them.
    if (watch.signal.aborted) await pauses?.[Symbol.asyncDispose]();
    await Promise.all(plan.instances.map((instance) => start.instance(instance, pauses)));
  };
  try {
    await Promise.race([
      startEverything(),
      rejectOnFailure(processes.failed),
      rejectOnAbort(options.signal, 'stopped before everything was ready'),
    ]);
  } catch (error) {
    watch.abort();
    pauses?.end();
    await processes.stop();
    await pauses?.[Symbol.asyncDispose]();
    throw error;
  }
  // A paused process would not end before it is killed.
  void processes.failed.then(() => pauses?.end());
  void start.watchBroker(watch.signal).catch((error: unknown) => options.log?.(errorText(error)));
  const stop = async (): Promise<void> => {
    watch.abort();
    pauses?.end();
    await processes.stop();
    await pauses?.[Symbol.asyncDispose]();
    await afterStop();
  };
  return {
    names: processes.names,
    process: processes.process,
    lines: (name) => processes.process(name).lines(),
    ports: (name) => plan.instanceOf(name).ports,
    url: (name) => urlOf(plan, name),
    server: (name) => {
      const found = servers.find((server) => server.name === name);
      if (found === undefined) throw new Error(`${name} was not started with the system`);
      return found;
    },
    waitUntilReady: (name, timeoutMs = defaultReadyTimeoutMs) => processes.waitUntilReady(name, timeoutMs),
    addReplica: async (instance) => {
      const planned = await plan.addInstance(instance);
      await requireFreePorts(portNeedsOf(planned));
      return start.instance(planned, pauses);
    },
    failed: processes.failed,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

type Starter = {
  servers: () => Promise<RunningServer[]>;
  instance: (instance: PlannedInstance, pauses: OpenPauses | undefined) => Promise<SupervisedProcess>;
  /** Restarts the sidecars after an outage of the broker that is too long for them. Resolves when the signal aborts. */
  watchBroker: (signal: AbortSignal) => Promise<void>;
};

function starter(
  plan: SystemPlan,
  processes: ProcessSet,
  options: Omit<StartOptions, 'signal'> & { daprdPath: string; signal: AbortSignal },
): Starter {
  const {
    env = {},
    sidecarLogLevel: logLevel = 'warn',
    sidecarGracefulShutdownSeconds: gracefulShutdownSeconds = defaultGracefulShutdownSeconds,
    readyTimeoutMs = defaultReadyTimeoutMs,
  } = options;
  return {
    // One after the other: starting them together takes longer on a small machine, and one would miss its timeout.
    servers: async () => {
      const running: RunningServer[] = [];
      const report = (text: string): void => options.log?.(text);
      const { signal } = options;
      for (const server of plan.servers)
        running.push(await startServer(server, { processes, readyTimeoutMs, report, signal }));
      await provisionBroker(plan.resources.components);
      return running;
    },
    // Together, because the sidecar waits for the app's port and the app waits for its sidecar's components.
    instance: async (planned, pauses) => {
      const context = { daprdPath: options.daprdPath, root: plan.root, logLevel, gracefulShutdownSeconds };
      const { resourcesPaths, configFile } = plan.resources.of(planned.app);
      const own = planned.app.appId === appIds.storefront ? pauses : undefined;
      const instance = { ...planned, env: { ...own?.env, ...planned.env } };
      const paths = own === undefined ? resourcesPaths : [...resourcesPaths, own.resourcesPath];
      await processes.start(sidecarProcess(instance, env, { ...context, resourcesPaths: paths, configFile }));
      const process = await processes.start(appProcess(instance, env));
      await Promise.all([
        processes.waitUntilReady(instance.sidecarName, readyTimeoutMs),
        processes.waitUntilReady(instance.name, readyTimeoutMs),
      ]);
      return process;
    },
    watchBroker: async (signal) => {
      const pubsub = plan.resources.components.find(({ name }) => name === components.pubsub);
      const recoversFrom = pubsub && serverComponentOf(pubsub.type)?.recoversFrom;
      const hosts = pubsub && addressOf(pubsub)?.hosts;
      if (recoversFrom === undefined || hosts === undefined) return;
      if (recoversFrom.fixedInOurBuild && (await isBuiltDaprd(options.daprdPath))) return;
      const report = (text: string): void => options.log?.(text);
      await watchForOutages({
        isThere: () => anyIsListening(hosts),
        longMs: recoversFrom.outageMs,
        afterLongOutage: async () => {
          report('The broker was away for longer than its clients wait. The sidecars are restarted.');
          const running = plan.instances
            .map(({ sidecarName }) => sidecarName)
            .filter((name) => processes.names().includes(name) && processes.process(name).running);
          for (const name of running) await processes.process(name).restart();
          await Promise.all(running.map((name) => processes.waitUntilReady(name, readyTimeoutMs)));
        },
        report,
        signal,
      });
    },
  };
}

/** Lets the desk pause the parts of a system. On Windows no process can be paused. */
async function openPausesOf(
  plan: SystemPlan,
  {
    processes,
    servers,
    options,
  }: { processes: ProcessSet; servers: readonly RunningServer[]; options: StartOptions },
): Promise<OpenPauses | undefined> {
  if (process.platform === 'win32') return undefined;
  return openPauses(
    {
      components: plan.resources.components,
      servers,
      process: processes.process,
      purchaseServices: () =>
        plan.instances
          .filter(({ app, name }) => app.appId === appIds.purchaseService && processes.names().includes(name))
          .map(({ name }) => name),
    },
    { dataDir: plan.dataDir, report: (text) => options.log?.(text) },
  );
}

function urlOf(plan: SystemPlan, name: string): string {
  const { ports, sidecarName } = plan.instanceOf(name);
  return `http://127.0.0.1:${name === sidecarName ? ports.daprHttp : ports.app}`;
}
