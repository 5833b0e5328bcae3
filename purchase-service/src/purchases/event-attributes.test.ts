import { describe, expect, test } from '@jest/globals';
import { linesMax, purchasePlaced, purchaseSchema, type Purchase } from '@unity-purchase/contracts';
import { asciiJson, segmentBytesMax, wireBytes } from '@unity-purchase/numbered-log';
import { MemoryLogStore } from '@unity-purchase/numbered-log/testing';
import { aPurchase } from '../../test/fakes/purchases.js';
import { attributesBytesMax, attributesToKeep, deliveredEvent } from './event-attributes.js';
import { PurchaseHistory } from './purchase-history.js';

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

/** The event as Dapr delivers it. */
const delivered = {
  ...purchasePlaced(aPurchase()),
  pubsubname: 'pubsub',
  topic: 'purchase-events',
  traceid: traceparent,
  traceparent,
  tracestate: '',
};

describe('attributesToKeep', () => {
  const { data: purchase } = delivered;

  test('keeps only the trace of a usual event, and rebuilds all of it', () => {
    const kept = attributesToKeep(delivered) ?? {};
    expect(kept).toEqual({ traceparent });
    expect(deliveredEvent(purchase, kept)).toEqual(delivered);
  });

  test.each<[string, Record<string, unknown>]>([
    ['from another publisher, without a time', { source: 'another-shop', time: undefined }],
    ['that was replayed', { id: 'another-envelope', replayof: 'f'.repeat(32), tracestate: 'a=b' }],
    ['outside of a trace', { traceid: undefined, traceparent: undefined, tracestate: undefined }],
    ['in two traces', { traceid: 'other' }],
    ['with attributes of its own', { note: 'x', count: 7, isOwn: true, topic: 'another-topic' }],
    ['that did not pass through Dapr', { pubsubname: undefined, topic: undefined, tracestate: undefined }],
  ])('keeps enough to rebuild an event %s', (_what, change) => {
    const given = Object.entries({ ...delivered, ...change }).filter(([, value]) => value !== undefined);
    const event = Object.fromEntries(given) as typeof delivered;
    expect(deliveredEvent(purchase, attributesToKeep(event) ?? {})).toEqual(event);
  });

  test('keeps only the id and the trace of an event whose attributes do not fit', () => {
    const kept = attributesToKeep({ ...delivered, note: 'x'.repeat(attributesBytesMax) });
    expect(kept).toEqual({ traceparent });
  });

  test('keeps nothing if not even those fit', () => {
    expect(attributesToKeep({ ...delivered, id: '🙂'.repeat(attributesBytesMax) })).toBeUndefined();
  });

  test('leaves room for the largest purchase in a segment', () => {
    const lines = Array.from({ length: linesMax }, (_, index) => ({
      sku: `${'m'.repeat(38)}${String(index).padStart(2, '0')}`,
      title: 'é'.repeat(120),
      quantity: 100,
      unitPrice: 100_000,
    }));
    const purchase: Purchase = purchaseSchema.parse({
      ...aPurchase(),
      shopper: { id: 'é'.repeat(128), name: 'é'.repeat(100) },
      lines,
      total: { amount: linesMax * 100 * 100_000, currency: 'EUR' },
    });
    expect(wireBytes(asciiJson(purchase)) + attributesBytesMax).toBeLessThanOrEqual(segmentBytesMax);
  });
});

describe('a recorded purchase', () => {
  const now = () => new Date(Date.UTC(2026, 0, 1));

  test('is read without an event if it was recorded before events were stored', async () => {
    const store = new MemoryLogStore();
    const purchase = aPurchase();
    await new PurchaseHistory(store, now).append(purchase);
    expect([...store.values.values()].join('')).not.toContain('event');
    const found = await new PurchaseHistory(store, now).findWithEvent(
      [...store.values.keys()].join('').split(':')[1] ?? '',
      purchase.purchaseId,
    );
    expect(found).toEqual({ purchase, recordedAt: now().toISOString() });
  });

  test('with an event is a duplicate of the same purchase without one', async () => {
    const store = new MemoryLogStore();
    const history = new PurchaseHistory(store, now);
    const purchase = aPurchase();
    expect(await history.append(purchase, attributesToKeep(delivered))).toBe('recorded');
    expect(await new PurchaseHistory(store, now).append(purchase)).toBe('duplicate');
  });
});
