import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { components } from '@unity-purchase/contracts';
import { provisionBroker } from '../servers/provision-broker.js';
import { obtainTool } from '../../programs/obtain.js';
import { ensureSecrets } from '../secrets.js';
import { portNeedsOf, type AppInstance, type PlannedInstance } from './app-instance.js';
import type { AppPorts } from './daprd-arguments.js';
import { appPart, sidecarPart } from './instance-parts.js';
import { createLinePrefix } from './line-prefix.js';
import { planSystem, type SystemPlan } from './plan-system.js';
import { requireFreePorts } from './ports.js';
import { createProcessSet, type ProcessSet } from './process-set.js';
import { rejectOnAbort, rejectOnFailure } from './reject-on.js';
import { startServer, type RunningServer } from './running-server.js';
import type { StartOptions } from './start-options.js';
import type { ProcessFailure, SupervisedProcess } from './supervised-process.js';

/**
 * Everything that runs. Processes are named for their server (`nats`, `kafka`, …), `storefront`, `storefront-sidecar`, `purchase-service`,
 * `purchase-service-sidecar`, and `purchase-service-2`, `purchase-service-2-sidecar` for replicas.
 */
export type RunningSystem = AsyncDisposable & {
  names: () => readonly string[];
  /** The handle of one process: to kill, stop, restart or read it. Throws for an unknown name. */
  process: (name: string) => SupervisedProcess;
  /** What a process wrote, its newest 5,000 lines. */
  lines: (name: string) => readonly string[];
  /** The ports of an app and its sidecar, by the name of either. */
  ports: (name: string) => AppPorts;
  /** The address of an app or of a sidecar's HTTP API. */
  url: (name: string) => string;
  /** The broker or database that was started along; throws for one that was not. */
  server: (name: string) => RunningServer;
  /** Rejects, saying what is missing, when a process is not ready in time or has ended. */
  waitUntilReady: (name: string, timeoutMs?: number) => Promise<void>;
  /** Starts one more instance of an app, with a sidecar of its own, and waits until both are ready. */
  addReplica: (instance: AppInstance) => Promise<SupervisedProcess>;
  /** Resolves with the first process that died although nobody stopped it; the others are then stopped in order. */
  readonly failed: Promise<ProcessFailure>;
  /** Stops everything in order; resolves when nothing is left. Never rejects, and may be called again. */
  stop: () => Promise<void>;
};

/** Enough for a cold start on a busy machine, where a sidecar alone may wait a minute for its broker. */
const defaultReadyTimeoutMs = 90_000;

/**
 * Starts brokers, stores, sidecars and services of the run file on this machine and resolves when all are ready. Rejects, with
 * nothing left running, when a port is taken, something needed does not answer, a process dies or does not become ready;
 * the message says which and shows its last lines.
 */
export async function startSystem(options: StartOptions): Promise<RunningSystem> {
  const plan = await planSystem(options);
  await requireFreePorts(plan.portNeeds);
  await mkdir(plan.dataDir, { recursive: true });
  await ensureSecrets(join(plan.dataDir, 'secrets.json'));
  const daprdPath = options.daprdPath ?? (await obtainTool('daprd'));

  const names = plan.instances.flatMap(({ name, sidecarName }) => [name, sidecarName]);
  const prefix = createLinePrefix(
    [...plan.servers.map(({ definition }) => definition.name), ...names],
    options.coloured === true,
  );
  const processes = createProcessSet((name, line) => options.log?.(prefix(name, line)));
  const start = starter(plan, processes, { ...options, daprdPath });
  const servers: RunningServer[] = [];
  const startEverything = async (): Promise<void> => {
    servers.push(...(await start.servers()));
    await Promise.all(plan.instances.map(start.instance));
  };
  try {
    await Promise.race([
      startEverything(),
      rejectOnFailure(processes.failed),
      rejectOnAbort(options.signal, 'stopped before everything was ready'),
    ]);
  } catch (error) {
    await processes.stop();
    throw error;
  }
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
      return start.instance(planned);
    },
    failed: processes.failed,
    stop: processes.stop,
    [Symbol.asyncDispose]: processes.stop,
  };
}

type Starter = {
  servers: () => Promise<RunningServer[]>;
  instance: (instance: PlannedInstance) => Promise<SupervisedProcess>;
};

function starter(
  plan: SystemPlan,
  processes: ProcessSet,
  options: StartOptions & { daprdPath: string },
): Starter {
  const { env = {}, sidecarLogLevel: logLevel = 'warn', readyTimeoutMs = defaultReadyTimeoutMs } = options;
  return {
    // One after the other: on a small machine together takes longer, and a deadline would pass.
    servers: async () => {
      const running: RunningServer[] = [];
      for (const server of plan.servers) running.push(await startServer(server, processes, readyTimeoutMs));
      for (const component of plan.resources.components)
        if (component.name === components.pubsub) await provisionBroker(component);
      return running;
    },
    // Together, because each waits for the other: the sidecar for the app's port, the app for its sidecar's components.
    instance: async (instance) => {
      const context = { daprdPath: options.daprdPath, root: plan.root, logLevel };
      const resources = plan.resources.of(instance.app);
      await processes.start(sidecarPart(instance, env, { ...context, ...resources }));
      const process = await processes.start(appPart(instance, env));
      await Promise.all([
        processes.waitUntilReady(instance.sidecarName, readyTimeoutMs),
        processes.waitUntilReady(instance.name, readyTimeoutMs),
      ]);
      return process;
    },
  };
}

function urlOf(plan: SystemPlan, name: string): string {
  const { ports, sidecarName } = plan.instanceOf(name);
  return `http://127.0.0.1:${name === sidecarName ? ports.daprHttp : ports.app}`;
}
