import { describe, expect, test } from '@jest/globals';
import { linesMax, purchasePlaced, purchaseSchema, type Purchase } from '@unity-purchase/contracts';
import { asciiJson } from '@unity-purchase/service-kit';
import { MemoryLogStore } from '../../test/fakes/memory-log-store.js';
import { aPurchase } from '../../test/fakes/purchases.js';
import { segmentBytesMax, wireBytes } from '../log/segment.js';
import { attributesBytesMax, attributesToKeep } from './event-attributes.js';
import { PurchaseHistory } from './purchase-history.js';

const delivered = {
  ...purchasePlaced(aPurchase()),
  pubsubname: 'pubsub',
  topic: 'purchase-events',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  tracestate: '',
};

describe('attributesToKeep', () => {
  test('keeps all that was delivered but the data', () => {
    const { data: _data, ...attributes } = delivered;
    expect(attributesToKeep(delivered)).toEqual(attributes);
  });

  test('of an event that says more than fits keeps what every event has', () => {
    const kept = attributesToKeep({ ...delivered, note: 'x'.repeat(attributesBytesMax) });
    const names = [
      'specversion',
      'id',
      'source',
      'type',
      'subject',
      'time',
      'datacontenttype',
      'traceparent',
    ];
    expect(Object.keys(kept ?? {}).sort()).toEqual(names.sort());
    expect(kept?.['traceparent']).toBe(delivered.traceparent);
  });

  test('keeps nothing where not even that fits', () => {
    expect(attributesToKeep({ ...delivered, source: '🙂'.repeat(attributesBytesMax) })).toBeUndefined();
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
