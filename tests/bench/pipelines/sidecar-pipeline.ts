import { appIds, historyPageSchema, purchaseApiPath, shopperKey, topics } from '@unity-purchase/contracts';
import type { RunningSystem } from '@unity-purchase/tools';
import type { Worker } from '../results.js';
import { operatorAccess, readMetric, type Pipeline, type RecordedAge } from './pipeline.js';

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
  const app = system.process(service);
  const sidecar = system.process(`${service}-sidecar`);
  return {
    side: 'sidecars',
    storefront: system.url(storefront),
    topic: topics.purchaseEvents,
    // The app id is Dapr's default group.
    group: service,
    recorder: {
      start: async () => {
        await Promise.all([sidecar.start(), app.start()]);
        await Promise.all([sidecar, app].map(({ name }) => system.waitUntilReady(name)));
      },
      // Stops the sidecar first, so that delivered events are still recorded and acknowledged.
      stop: async () => {
        await sidecar.stop();
        await app.stop();
      },
      recorded: () => readMetric(`${system.url(service)}/metrics`, 'purchases_recorded_total'),
      read: async (shopperIds) => {
        const histories = shopperIds.map((id) => readHistory(system.url(service), id));
        return (await Promise.all(histories)).flat();
      },
    },
    processes: () =>
      processNames.flatMap(([worker, name]) => {
        const { pid } = system.process(name);
        return pid === undefined ? [] : [{ worker, pid }];
      }),
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
