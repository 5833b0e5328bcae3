import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { appIds, topics } from '@unity-purchase/contracts';
import { brokerNamed, embeddedPair, waitUntil } from '@unity-purchase/tools';
import { signIn } from '../system/shopper-client.js';
import type { TestSystem } from '../system/test-system.js';
import { putUnderLoad } from './load.js';
import { tokens } from './tokens.js';

/** What happens while a page is looked at. Each brings the shop into the situation and returns how to end it. */
export const situations = {
  /** Everything works. */
  normal: () => Promise.resolve(() => Promise.resolve()),
  /** Many people buy. */
  load: (shop) => putUnderLoad(shop, tokens.operator),
  /** The broker accepts events and delivers none, so that nothing is recorded. */
  nothingIsDelivered: async (shop) => {
    await pauseDelivery(shop, new Date(Date.now() + 60 * 60_000));
    return () => pauseDelivery(shop, new Date());
  },
  noPurchaseService: (shop) => without(shop, appIds.purchaseService),
  noStorefrontSidecar: (shop) => without(shop, `${appIds.storefront}-sidecar`),
  noBroker: (shop) => without(shop, brokerNamed(embeddedPair.broker).server.name),
} satisfies Record<string, (shop: TestSystem) => Promise<() => Promise<void>>>;

export type SituationName = keyof typeof situations;

/** How long the shop may take to sell again after it was without a process. */
const sellsAgainWithinMs = 60_000;

async function without(shop: TestSystem, name: string): Promise<() => Promise<void>> {
  const process = shop.system.process(name);
  await process.stop();
  return async () => {
    await process.start();
    await shop.system.waitUntilReady(name);
    const someone = await signIn(shop.storefront);
    await waitUntil(async () => {
      const { status } = await someone.tryToBuy({ sku: 'mug' });
      return status === 202 || `buying is answered with ${status}`;
    }, sellsAgainWithinMs);
    await someone.waitForRecords(1);
  };
}

async function pauseDelivery(shop: TestSystem, until: Date): Promise<void> {
  const connection = await connect({ servers: `nats://${shop.addressOf('nats')}` });
  try {
    const { consumers } = await jetstreamManager(connection);
    await consumers.pause(topics.purchaseEvents, appIds.purchaseService, until);
  } finally {
    await connection.close();
  }
}
