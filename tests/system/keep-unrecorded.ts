import { appIds, components, shopperKey, topics, type PurchasePlaced } from '@unity-purchase/contracts';
import { createDaprGateway } from '@unity-purchase/service-kit';
import { waitUntil } from '@unity-purchase/tools';
import type { BrokerClient } from '@unity-purchase/tools/test-clients';
import { listDeadLetters } from './list-dead-letters.js';
import type { TestSystem } from './test-system.js';

const keptWithinMs = 30_000;

type Options = { broker: Pick<BrokerClient, 'publish'>; operatorToken?: string; daprToken?: string };

/**
 * Publishes a valid event as a dead letter that cannot be recorded although the store works, because the end of its shopper's
 * history is damaged. Resolves when the dead letter is kept and the history is whole again.
 */
export async function keepUnrecorded(
  { system, purchaseService }: TestSystem,
  event: PurchasePlaced,
  { broker, operatorToken, daprToken }: Options,
): Promise<void> {
  await using gateway = closing(createDaprGateway(system.ports(appIds.purchaseService).daprHttp, daprToken));
  const store = gateway.stateStore(components.stateStore);
  const keys = Array.from({ length: 100 }, (_, index) => `history:${shopperKey(event.subject)}:${index + 1}`);
  const existing = await store.getBulk(keys);
  const next = keys.find((key) => !existing.has(key));
  if (next === undefined) throw new Error('the history is too long for this test');
  await store.save(next, 'nonsense');
  try {
    await broker.publish(topics.deadLetters, event);
    await waitUntil(async () => {
      const letters = await listDeadLetters(purchaseService, operatorToken);
      // An invalid event about the same purchase is not the one.
      const isKept = letters.some(
        ({ purchaseId, reason }) => purchaseId === event.data.purchaseId && reason === 'not-recorded',
      );
      return isKept || 'the dead letter is not kept';
    }, keptWithinMs);
  } finally {
    await store.delete(next);
  }
}

function closing<Gateway extends { close: () => Promise<void> }>(
  gateway: Gateway,
): Gateway & AsyncDisposable {
  return Object.assign(gateway, { [Symbol.asyncDispose]: () => gateway.close() });
}
