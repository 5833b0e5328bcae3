import { appIds, topics } from '@unity-purchase/contracts';
import { findFreePorts } from '@unity-purchase/tools';
import { startTestSystem } from '../system/test-system.js';
import type { BacklogWriter } from './load/backlog.js';
import type { Pair } from './pairs.js';
import { directRecorder, directService } from './pipelines/direct-service.js';
import { runningOf, withoutPause, type RecordingPipeline } from './pipelines/pipeline.js';
import { sidecarRecorder } from './pipelines/sidecar-recorder.js';
import { firstFailure, untilFailure } from './pipelines/until-failure.js';

/** Everything under measurement on a pair. The recorders run only when they are started. */
export type PairSystem = {
  /** With the sidecar first, then without: the order of measurements. */
  pipelines: readonly RecordingPipeline[];
  backlog: BacklogWriter;
};

/**
 * Starts the broker and the store of a pair with empty data and without a storefront, runs `use` and stops everything, even on
 * failure. Rejects as soon as a process dies or the signal is aborted.
 */
export async function withPairSystem<T>(
  pair: Pair,
  signal: AbortSignal,
  use: (system: PairSystem) => Promise<T>,
): Promise<T> {
  const service = appIds.purchaseService;
  await using started = await startTestSystem({
    broker: pair.broker,
    store: pair.store,
    apps: [{ appId: service }],
    env: { apps: withoutPause },
  });
  const { system, addressOf } = started;
  const servers = pair.servers.map(([worker, name]) => [worker, system.process(name)] as const);
  const recorder = sidecarRecorder(system);
  await recorder.stop();

  const broker = addressOf(pair.servers[0][1]);
  const topic = 'direct-purchase-events';
  const [port = 0] = await findFreePorts(1);
  const { failed, report } = firstFailure();
  await using direct = directService(pair.program, {
    port,
    places: { broker, topic, group: 'direct-recorder', store: pair.storeUrl(started) },
    onFailure: report,
  });
  await using backlog = await pair.connectBacklog(broker);
  await backlog.createTopic(topic);

  const pipelines: RecordingPipeline[] = [
    {
      side: 'sidecars',
      topic: topics.purchaseEvents,
      recorder,
      processes: runningOf([
        ['recorder', system.process(service)],
        ['recorder sidecar', system.process(`${service}-sidecar`)],
        ...servers,
      ]),
    },
    {
      side: 'direct',
      topic,
      recorder: directRecorder(direct),
      processes: runningOf([['recorder', direct.process], ...servers]),
    },
  ];
  return await untilFailure(use({ pipelines, backlog }), { failures: [system.failed, failed], signal });
}
