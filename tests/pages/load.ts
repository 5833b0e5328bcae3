import { setTimeout as delay } from 'node:timers/promises';
import { activityApiPath, activitySchema } from '@unity-purchase/contracts';
import { waitUntil } from '@unity-purchase/tools';
import { signIn } from '../system/shopper-client.js';
import type { TestSystem } from '../system/test-system.js';

const clients = 4;

/** The pause of a client after each purchase. It grows and shrinks, so that charts show more than a straight line. */
const pausesMs = [40, 60, 100, 160, 250, 160, 100, 60];

/** How many samples of the shop's activity show the load, and how long that may take: one is taken every ten seconds. */
const samplesWanted = 2;
const sampledWithinMs = 60_000;

/** Lets a crowd buy until the returned function is called. Resolves when the shop's figures show it. */
export async function putUnderLoad(shop: TestSystem, operatorToken: string): Promise<() => Promise<void>> {
  const end = new AbortController();
  const startedAt = new Date().toISOString();
  const crowd = Promise.all(
    Array.from({ length: clients }, async (_, index) => {
      const client = await signIn(shop.storefront, `crowd-${index}`, 'One of the crowd');
      for (let count = 0; !end.signal.aborted; count += 1) {
        await client.buy({ sku: 'mug', quantity: 1 + ((index + count) % 5) });
        await delay(pausesMs[count % pausesMs.length]);
      }
    }),
  );
  const stop = async () => {
    end.abort();
    await crowd;
  };
  try {
    await Promise.race([crowd, untilFiguresShowIt(shop, operatorToken, startedAt)]);
  } catch (thrown) {
    await stop().catch(() => undefined);
    throw thrown;
  }
  return stop;
}

async function untilFiguresShowIt(
  { purchaseService }: TestSystem,
  operatorToken: string,
  startedAt: string,
): Promise<void> {
  const headers = { authorization: `Bearer ${operatorToken}` };
  await waitUntil(async () => {
    const answer = await fetch(`${purchaseService}${activityApiPath}`, { headers });
    const { samples } = activitySchema.parse(await answer.json());
    const after = samples.filter(({ at }) => at > startedAt).length;
    return after >= samplesWanted || `${after} of ${samplesWanted} samples are taken`;
  }, sampledWithinMs);
}
