import { appIds, historyPageSchema, purchaseApiPath, shopperKey, topics } from '@unity-purchase/contracts';
import type { RunningSystem } from '@unity-purchase/tools';
import type { Worker } from '../results.js';
import { operatorAccess, runningOf, type Pipeline, type RecordedAge } from './pipeline.js';
import { sidecarRecorder } from './sidecar-recorder.js';

const storefront = appIds.storefront;
const service = appIds.purchaseService;

const processNames: readonly (readonly [Worker, string])[] = [
  ['storefront', storefront],
  ['storefront sidecar', `${storefront}-sidecar`],
  ['recorder', service],
  ['recorder sidecar', `${service}-sidecar`],
  ['Kafka', 'kafka'],
  ['PostgreSQL', 'documentdb'],
  ['FerretDB', 'mongodb'],
];

/** The system as `npm start` runs it. */
export function sidecarPipeline(system: RunningSystem): Pipeline {
  return {
    side: 'sidecars',
    storefront: system.url(storefront),
    topic: topics.purchaseEvents,
    // The app id is Dapr's default group.
    group: service,
    recorder: {
      ...sidecarRecorder(system),
      read: async (shopperIds) => {
        const histories = shopperIds.map((id) => readHistory(system.url(service), id));
        return (await Promise.all(histories)).flat();
      },
    },
    processes: runningOf(processNames.map(([worker, name]) => [worker, system.process(name)] as const)),
  };
}

async function readHistory(url: string, shopperId: string): Promise<RecordedAge[]> {
  const ages: RecordedAge[] = [];
  let cursor = '';
  for (;;) {
    const answer = await fetch(`${url}${purchaseApiPath}/${shopperKey(shopperId)}?limit=100${cursor}`, {
      headers: { authorization: `Bearer ${operatorAccess.OPERATOR_TOKEN}` },
    });
    const page = historyPageSchema.parse(await answer.json());
    for (const { purchase, recordedAt } of page.purchases) {
      const placedAtMs = Date.parse(purchase.placedAt);
      ages.push({ placedAtMs, ageMs: Date.parse(recordedAt) - placedAtMs });
    }
    if (page.next === undefined) return ages;
    cursor = `&cursor=${page.next}`;
  }
}
