import { describe, expect, test } from '@jest/globals';
import { linesMax, purchasePlaced, purchaseSchema, type Purchase } from '@unity-purchase/contracts';
import { asciiJson, segmentBytesMax, wireBytes } from '@unity-purchase/numbered-log';
import { MemoryLogStore } from '@unity-purchase/numbered-log/testing';
import { aPurchase } from '../../test/fakes/purchases.js';
import { attributesBytesMax, attributesToKeep, deliveredEvent } from './event-attributes.js';
import { PurchaseHistory } from './purchase-history.js';

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

/** As Dapr delivers it. */
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

  test('keeps its trace of an event that is as usual, and all of it comes back', () => {
    const kept = attributesToKeep(delivered) ?? {};
    expect(kept).toEqual({ traceparent });
    expect(deliveredEvent(purchase, kept)).toEqual(delivered);
  });

  test.each<[string, Record<string, unknown>]>([
    ['by another publisher, without a time', { source: 'another-shop', time: undefined }],
    ['that was replayed', { id: 'another-envelope', replayof: 'f'.repeat(32), tracestate: 'a=b' }],
    ['outside of a trace', { traceid: undefined, traceparent: undefined, tracestate: undefined }],
    ['in two traces', { traceid: 'other' }],
    ['with attributes of its own', { note: 'x', count: 7, isOwn: true, topic: 'another-topic' }],
    ['past Dapr', { pubsubname: undefined, topic: undefined, tracestate: undefined }],
  ])('of one %s keeps what comes back as it was delivered', (_what, change) => {
    const given = Object.entries({ ...delivered, ...change }).filter(([, value]) => value !== undefined);
    const event = Object.fromEntries(given) as typeof delivered;
    expect(deliveredEvent(purchase, attributesToKeep(event) ?? {})).toEqual(event);
  });

  test('of an event that says more than fits keeps which it was, and its trace', () => {
    const kept = attributesToKeep({ ...delivered, note: 'x'.repeat(attributesBytesMax) });
    expect(kept).toEqual({ traceparent });
  });

  test('keeps nothing where not even that fits', () => {
    expect(attributesToKeep({ ...delivered, id: '🙂'.repeat(attributesBytesMax) })).toBeUndefined();
  });

  test('leaves room in a segment for the largest purchase', () => {
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

describe('a purchase that was recorded', () => {
  const now = () => new Date(Date.UTC(2026, 0, 1));

  test('before events were kept is read as it was', async () => {
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

  test('with its event is the same purchase without it', async () => {
    const store = new MemoryLogStore();
    const history = new PurchaseHistory(store, now);
    const purchase = aPurchase();
    expect(await history.append(purchase, attributesToKeep(delivered))).toBe('recorded');
    expect(await new PurchaseHistory(store, now).append(purchase)).toBe('repeated');
  });
});
