import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { appIds } from '@unity-purchase/contracts';
import {
  findFreePorts,
  projectRoot,
  startSystem,
  type AppPorts,
  type RunningSystem,
  type SupervisedProcess,
} from '@unity-purchase/tools';
import { connectKafkaBacklog, type KafkaBacklogWriter } from './load/kafka-backlog.js';
import { startDirectPipeline } from './pipelines/direct-pipeline.js';
import { operatorAccess, withoutPause, type Accepting, type Pipeline } from './pipelines/pipeline.js';
import { sidecarPipeline } from './pipelines/sidecar-pipeline.js';
import { firstFailure, untilFailure } from './pipelines/until-failure.js';

type Paused = <T>(use: () => Promise<T>) => Promise<T>;

/** A service that is started again and again while its sidecar runs on. */
export type MeasuredService = {
  name: string;
  url: string;
  process: Pick<SupervisedProcess, 'start' | 'stop' | 'pid'>;
};

/** Everything under measurement. The recorders run only when they are started. */
export type BenchmarkSystem = {
  /** With sidecars first, then without: the order of measurements. */
  pipelines: readonly Pipeline[];
  /** The least that a shop could be. */
  bare: Accepting;
  backlog: KafkaBacklogWriter;
  /** The services of the pipeline with sidecars. */
  services: { storefront: MeasuredService; recorder: MeasuredService };
  /** Runs `use` while the storefront's sidecar is paused and answers nothing. */
  withoutPublications: Paused;
  /** Runs `use` while the purchase-service is paused and answers nothing. It must run. */
  withoutAnswers: Paused;
};

/**
 * Starts both pipelines on free ports with empty data, runs `use` and stops everything, even on failure. Rejects as soon as
 * a process dies or the signal is aborted. `appEnv` is set for the services of the pipeline with sidecars.
 */
export async function withBenchmarkSystem<T>(
  { signal, appEnv = {} }: { signal: AbortSignal; appEnv?: Readonly<Record<string, string>> },
  use: (system: BenchmarkSystem) => Promise<T>,
): Promise<T> {
  await using data = await temporaryFolder();
  const ports = await choosePorts();
  await using system = await startSystem({
    root: projectRoot,
    dataDir: data.path,
    broker: 'kafka',
    store: 'mongodb',
    env: {
      apps: { ...withoutPause, ...operatorAccess, ...appEnv },
      sidecars: { APP_API_TOKEN: operatorAccess.APP_API_TOKEN },
    },
    ports: ports.system,
    signal,
  });
  await using backlog = await connectKafkaBacklog(`127.0.0.1:${system.server('kafka').port}`);
  const { failed, report } = firstFailure();
  const sidecars = sidecarPipeline(system);
  await sidecars.recorder.stop();
  await using direct = await startDirectPipeline(system, ports.direct, report);
  for (const { topic } of [direct, direct.bare]) await backlog.createTopic(topic);
  return await untilFailure(
    use({
      pipelines: [sidecars, direct],
      bare: direct.bare,
      backlog,
      services: {
        storefront: measuredService(system, appIds.storefront),
        recorder: measuredService(system, appIds.purchaseService),
      },
      withoutPublications: pausing(system, `${appIds.storefront}-sidecar`),
      withoutAnswers: pausing(system, appIds.purchaseService),
    }),
    { failures: [system.failed, failed], signal },
  );
}

function measuredService(system: RunningSystem, name: string): MeasuredService {
  return { name, url: system.url(name), process: system.process(name) };
}

function pausing(system: RunningSystem, name: string): Paused {
  const paused = system.process(name);
  return async (use) => {
    paused.kill('SIGSTOP');
    try {
      return await use();
    } finally {
      paused.kill('SIGCONT');
    }
  };
}

async function temporaryFolder(): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'unity-purchase-bench-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

async function choosePorts() {
  const free = await findFreePorts(15);
  const next = () => free.pop() ?? 0;
  const app = (): AppPorts => ({ app: next(), daprHttp: next(), daprGrpc: next(), metrics: next() });
  return {
    system: {
      servers: { kafka: [next(), next()], mongodb: [next(), next()] },
      apps: { [appIds.storefront]: app(), [appIds.purchaseService]: app() },
    },
    direct: { storefront: next(), recorder: next(), bare: next() },
  };
}
