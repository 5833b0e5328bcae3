import { describe, expect, test } from '@jest/globals';
import type { HistoryPage } from '@unity-purchase/contracts';
import { v7 } from 'uuid';
import { createTestApp, recorded, signedIn, unanswered } from '../fakes/test-app.js';

function historyOf(count: number, next?: string): HistoryPage {
  const purchases = Array.from({ length: count }, () =>
    recorded({
      purchaseId: v7(),
      shopper: { id: 'ada', name: 'Ada' },
      lines: [{ sku: 'mug', title: 'Mug & <b>saucer</b>', quantity: 2, unitPrice: 1600 }],
      total: { amount: 3200, currency: 'EUR' },
      placedAt: '2026-01-01T10:00:00.000Z',
    }),
  );
  return {
    purchases,
    totals: { count: 5000, sums: { EUR: 16_000_000, JPY: 500 } },
    ...(next ? { next } : {}),
  };
}

describe('the history', () => {
  test('shows purchases, totals by currency and a link to older purchases', async () => {
    const test = createTestApp();
    test.behind.invoke = () => Promise.resolve({ status: 200, body: historyOf(3, 'next-cursor') });
    const { text } = await (await signedIn(test)).get('/purchases').expect(200);
    expect(text.match(/€32\.00/g)).toHaveLength(3);
    expect(text).toContain('€160,000.00');
    expect(text).toContain('¥500');
    expect(text).toContain('2 × Mug &amp; &lt;b&gt;saucer&lt;/b&gt;');
    expect(text).toContain('href="/purchases?cursor=next-cursor"');
  });

  test('links to newer and older pages and to months, and shows the spending of each month as a chart and in words', async () => {
    const test = createTestApp();
    const months = [
      { month: '2026-10', totals: { count: 0, sums: {} } },
      { month: '2026-11', totals: { count: 3, sums: { EUR: 9600 } } },
    ];
    test.behind.invoke = (path) =>
      Promise.resolve({
        status: 200,
        body: path.endsWith('/months') ? { months } : { ...historyOf(3, 'next-cursor'), previous: 'newer' },
      });
    const { text } = await (await signedIn(test)).get('/purchases?month=2026-11&cursor=c').expect(200);
    expect(text).toContain('href="/purchases?cursor=newer&amp;month=2026-11" rel="prev"');
    expect(text).toContain('href="/purchases?cursor=next-cursor&amp;month=2026-11" rel="next"');
    expect(text).toContain('href="/purchases?month=2026-11" aria-current="true"');
    expect(text).not.toContain('month=2026-10');
    expect(text).toContain('The highest was €96.00 in November 2026');
    expect(test.invoked).toContainEqual(expect.stringContaining('?cursor=c&month=2026-11'));
  });

  test('shows everything else when the spending by month cannot be read', async () => {
    const test = createTestApp();
    test.behind.invoke = (path) =>
      path.endsWith('/months') ? unanswered() : Promise.resolve({ status: 200, body: historyOf(3) });
    const { text } = await (await signedIn(test)).get('/purchases').expect(200);
    expect(text).toContain('Your spending by month cannot be shown right now.');
    expect(text.match(/€32\.00/g)).toHaveLength(3);
  });

  test('is answered with 400 for an invalid month', async () => {
    const agent = await signedIn(createTestApp());
    for (const month of ['2026-13', '2026', 'x']) await agent.get(`/purchases?month=${month}`).expect(400);
  });

  test('says that a shopper has not bought anything', async () => {
    const test = createTestApp();
    test.behind.invoke = () =>
      Promise.resolve({ status: 200, body: { purchases: [], totals: { count: 0, sums: {} } } });
    const { text } = await (await signedIn(test)).get('/purchases').expect(200);
    expect(text).toContain('You have not bought anything yet');
  });

  test('is answered with 503, and never as empty, when it cannot be read', async () => {
    const test = createTestApp();
    test.behind.invoke = unanswered;
    const response = await (await signedIn(test)).get('/purchases').expect(503);
    expect(response.text).toContain('Your purchases cannot be shown right now');
    expect(response.text).not.toContain('not bought anything');
  });

  test('is answered with 400 for an invalid cursor', async () => {
    const test = createTestApp();
    const body = {
      type: 'about:blank',
      title: 'Bad Request',
      status: 400,
      code: 'invalid-cursor',
      detail: 'The cursor is not valid.',
    };
    test.behind.invoke = () => Promise.resolve({ status: 400, body });
    const agent = await signedIn(test);
    await agent.get('/purchases?cursor=x').expect(400);
    await agent.get('/purchases?cursor=x&cursor=y').expect(400);
  });
});
