import { purchasePlaced, shopperKey, type Purchase, type PurchaseLine } from '@unity-purchase/contracts';
import { v7 } from 'uuid';

/** The number of shoppers in the backlog: a consumer mostly meets shoppers it has not just seen. */
export const backlogShoppers = 1_000;

const perBatch = 500;

const line: PurchaseLine = { sku: 'mug', title: 'Mug', quantity: 2, unitPrice: 1600 };

/** Writes a backlog to the broker for a recorder to consume. */
export type BacklogWriter = AsyncDisposable & {
  /** Creates a topic like the system's. */
  createTopic: (topic: string) => Promise<void>;
  /** Appends `count` events, as many of each shopper. Where the broker has partitions, a shopper's events share one. */
  fill: (topic: string, count: number) => Promise<void>;
};

/** An event of the backlog: the number of its shopper, the key of the message, and the message. */
export type WaitingEvent = { shopper: number; key: string; text: string };

/** Creates the events of a backlog, in batches. Every call has its own shoppers. */
export function* waitingEvents(count: number): Generator<WaitingEvent[]> {
  const prefix = `waiting-${v7()}`;
  for (let sent = 0; sent < count; sent += perBatch)
    yield Array.from({ length: Math.min(perBatch, count - sent) }, (_, index) =>
      waitingEvent(prefix, sent + index),
    );
}

function waitingEvent(prefix: string, number: number): WaitingEvent {
  const shopper = number % backlogShoppers;
  const purchase: Purchase = {
    purchaseId: v7(),
    shopper: { id: `${prefix}-${shopper}`, name: 'Ada' },
    lines: [line],
    total: { amount: line.quantity * line.unitPrice, currency: 'EUR' },
    placedAt: new Date().toISOString(),
  };
  return { shopper, key: shopperKey(purchase.shopper.id), text: JSON.stringify(purchasePlaced(purchase)) };
}
