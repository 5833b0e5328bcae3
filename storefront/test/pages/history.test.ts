import { describe, expect, test } from '@jest/globals';
import type { HistoryPage, Spending } from '@unity-purchase/contracts';
import { v7 } from 'uuid';
import { textOfPage } from '../fakes/html.js';
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

/** The bar of the selected month. */
const barOf = (html: string) =>
  textOfPage(/<a class="bars__month"[^>]*aria-current="true".*?<\/a>/s.exec(html)?.[0] ?? '').trim();

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

  const spending: Spending = {
    months: [
      { month: '2026-10', totals: { count: 0, sums: {} } },
      { month: '2026-11', totals: { count: 3, sums: { EUR: 9600, JPY: 5_000_000 } } },
    ],
    years: [
      { year: '2025', totals: { count: 4997, sums: { EUR: 15_990_400 } } },
      { year: '2026', totals: { count: 3, sums: { EUR: 9600, JPY: 5_000_000 } } },
    ],
  };
  const withSpending = (page: HistoryPage) => {
    const test = createTestApp();
    test.behind.invoke = (path) =>
      Promise.resolve({ status: 200, body: path.includes('/months') ? spending : page });
    return test;
  };

  test('shows a month as its heading, count, totals, marked bar, list and downloads, with a way back to all', async () => {
    const test = withSpending({ ...historyOf(3, 'next-cursor'), previous: 'newer' });
    const { text } = await (await signedIn(test)).get('/purchases?month=2026-11&cursor=c').expect(200);
    expect(text).toContain('<h1>Your purchases in November 2026</h1>');
    expect(text).toContain('<title>Your purchases in November 2026 – Unity</title>');
    expect(text).toContain('3 purchases in November 2026.');
    const totals = textOfPage(/<dl class="totals">.*?<\/dl>/s.exec(text)?.[0] ?? '').trim();
    expect(totals).toBe('Spent in EUR €96.00 Spent in JPY ¥5,000,000');
    expect(text).toContain('href="/purchases?month=2026-11" aria-current="true"');
    expect(barOf(text)).toBe('Nov November 2026: €96.00');
    expect(text).not.toContain('month=2026-10');
    expect(text).toContain('href="/purchases.csv?month=2026-11"');
    expect(text).toContain('href="/purchases?cursor=newer&amp;month=2026-11" rel="prev"');
    expect(text).toContain('href="/purchases?cursor=next-cursor&amp;month=2026-11" rel="next"');
    expect(text).toContain('<a href="/purchases">All your purchases</a>');
    expect(test.invoked).toContainEqual(expect.stringContaining('?cursor=c&month=2026-11'));
  });

  test('shows a year in the same way, with its months', async () => {
    const test = withSpending(historyOf(3));
    const { text } = await (await signedIn(test)).get('/purchases?year=2024').expect(200);
    expect(text).toContain('<h1>Your purchases in 2024</h1>');
    expect(text).toContain('href="/purchases.json?year=2024"');
    expect(test.invoked).toContainEqual(expect.stringMatching(/\?year=2024$/));
    expect(test.invoked).toContainEqual(expect.stringMatching(/\/months\?until=2024-12$/));
  });

  test('shows one chart, in the chosen currency, and keeps that choice', async () => {
    const agent = await signedIn(withSpending(historyOf(3, 'next-cursor')));
    const { text } = await agent.get('/purchases').expect(200);
    expect(text.match(/<figure/g)).toHaveLength(1);
    expect(text).toContain('Spending by month in EUR');
    expect(text).toContain('<a href="/purchases?currency=JPY">JPY</a>');
    const chosen = (await agent.get('/purchases?currency=JPY&month=2026-11').expect(200)).text;
    expect(chosen).toContain('Spending by month in JPY');
    expect(chosen).toContain('¥5M');
    expect(chosen).toContain('<a href="/purchases?month=2026-11&amp;currency=EUR">EUR</a>');
    expect(barOf(chosen)).toBe('Nov November 2026: ¥5,000,000');
    expect(chosen).toContain(
      'href="/purchases?cursor=next-cursor&amp;month=2026-11&amp;currency=JPY" rel="next"',
    );
    expect(chosen).toContain('name="currency" value="JPY"');
    // Someone who has nothing in this currency sees another one.
    expect((await agent.get('/purchases?currency=CHF').expect(200)).text).toContain(
      'Spending by month in EUR',
    );
  });

  test('shows the number of purchases and the sums of each year, the newest first', async () => {
    const { text } = await (await signedIn(withSpending(historyOf(3)))).get('/purchases').expect(200);
    const years = textOfPage(/<section class="years">.*?<\/section>/s.exec(text)?.[0] ?? '');
    expect(years).toMatch(/By year .* 2026 3 €96\.00 ¥5,000,000 2025 4,997 €159,904\.00/);
    expect(text).toContain('href="/purchases?year=2025"');
  });

  test('has one row for each purchase, with short items whose full list is in the name of the link', async () => {
    const page = historyOf(1);
    const [first] = page.purchases;
    if (first === undefined) throw new Error('there is no purchase');
    const titles = ['Mug', 'Teapot', 'Honey'];
    first.purchase.lines = titles.map((title) => ({ sku: 'mug', title, quantity: 1, unitPrice: 100 }));
    first.purchase.total.amount = 300;
    const { text } = await (await signedIn(withSpending(page))).get('/purchases').expect(200);
    const row = /<tr role="row"><td class="history__placed".*?<\/tr>/s.exec(text)?.[0] ?? '';
    expect(textOfPage(row)).toContain('Mug and 2 more');
    expect(row).toContain('title="Mug, Teapot, and Honey"');
    expect(row).toContain('aria-label="View the receipt for Mug, Teapot, and Honey, 1 Jan 2026, 10:00 UTC"');
    expect(row).toContain('<time datetime="2026-01-01T10:00:00.000Z" data-local');
  });

  test('is for a printed page headed by the shop and the customer', async () => {
    const { text } = await (await signedIn(withSpending(historyOf(1)))).get('/purchases').expect(200);
    const head = /<p class="print-only">.*?<\/p>/s.exec(text)?.[0] ?? '';
    expect(textOfPage(head).trim()).toBe('Unity · Purchases of Ada (ada)');
  });

  test('shows everything else when the spending by month cannot be read', async () => {
    const test = createTestApp();
    test.behind.invoke = (path) =>
      path.includes('/months') ? unanswered() : Promise.resolve({ status: 200, body: historyOf(3) });
    const { text } = await (await signedIn(test)).get('/purchases').expect(200);
    expect(text).toContain('Your spending by month cannot be shown right now.');
    expect(text.match(/€32\.00/g)).toHaveLength(3);
  });

  test('is answered with 400 for an invalid month, year or currency', async () => {
    const agent = await signedIn(createTestApp());
    for (const query of [
      ...['2026-13', '2026', 'x', '2026-01&month=2026-02'].map((month) => `month=${month}`),
      ...['26', '2026-01', 'x', '2026&month=2026-01'].map((year) => `year=${year}`),
      ...['XXX', 'eur', ''].map((currency) => `currency=${currency}`),
    ])
      await agent.get(`/purchases?${query}`).expect(400);
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

describe('a search in the history', () => {
  const searching = (body: Partial<HistoryPage>) => {
    const test = createTestApp();
    test.behind.invoke = () => Promise.resolve({ status: 200, body: { ...historyOf(0), ...body } });
    return test;
  };
  const all = { searched: { count: 5000, since: '2020-01-01T10:00:00.000Z' } };
  const part = { next: 'older', searched: { count: 1000, since: '2025-05-03T10:00:00.000Z' } };

  test('is a form on the page that also keeps a month', async () => {
    const agent = await signedIn(searching(historyOf(1)));
    const { text } = await agent.get('/purchases?month=2026-11').expect(200);
    const form = /<search.*?<\/search>/s.exec(text)?.[0] ?? '';
    expect(form).toContain('method="get" action="/purchases"');
    expect(form).toContain('name="q"');
    expect(form).toContain('<input type="hidden" name="month" value="2026-11">');
    // A live update replaces what is inside of this element.
    expect(text.indexOf('<search')).toBeLessThan(text.indexOf('data-live'));
  });

  test('shows what was found, and asks one question', async () => {
    const test = searching({ ...historyOf(2), ...all });
    const { text } = await (await signedIn(test)).get('/purchases?q=%20K%C3%BCche%20').expect(200);
    expect(test.invoked).toEqual([expect.stringMatching(/\?q=K%C3%BCche$/)]);
    expect(textOfPage(text)).toContain('2 purchases match “Küche”.');
    expect(text).toContain('value="Küche"');
    expect(text.match(/€32\.00/g)).toHaveLength(2);
    expect(text).not.toContain('rel="next"');
    expect(textOfPage(text)).not.toContain('We searched');
  });

  test('says how far it came, and goes on with older purchases', async () => {
    const agent = await signedIn(searching({ ...historyOf(1), ...part }));
    const { text } = await agent.get('/purchases?q=mug&month=2026-11').expect(200);
    expect(textOfPage(text)).toContain('1 purchase on this page matches “mug”.');
    expect(textOfPage(text)).toContain('We searched 1,000 purchases, back to 3 May 2025, 10:00 UTC.');
    expect(text).toContain('href="/purchases?cursor=older&amp;month=2026-11&amp;q=mug" rel="next"');
    expect(text).toContain('<a href="/purchases?q=mug">Search all purchases</a>');
  });

  test('never says that nothing matches before all purchases are searched', async () => {
    const none = await (await signedIn(searching(all))).get('/purchases?q=mug').expect(200);
    expect(textOfPage(none.text)).toContain('No purchase matches “mug”.');
    for (const [body, path] of [
      [part, '/purchases?q=mug'],
      [all, '/purchases?q=mug&cursor=x'],
    ] as const) {
      const { text } = await (await signedIn(searching(body))).get(path).expect(200);
      expect(textOfPage(text)).toContain('No purchase on this page matches “mug”.');
    }
  });

  test('says when the text was cut, and never splits a character', async () => {
    const test = searching(all);
    const { text } = await (
      await signedIn(test)
    )
      .get(`/purchases?q=${encodeURIComponent(`${'x'.repeat(99)}🫖🫖`)}`)
      .expect(200);
    expect(text).toContain('We searched for its first 100 characters.');
    expect(test.invoked).toEqual([expect.stringMatching(/\?q=x{99}$/)]);
  });

  test.each(['', '%20%20', '%00', '%E2%80%8B', 'a&q=b'])('is no search for %j', async (q) => {
    const test = searching(historyOf(1));
    await (await signedIn(test)).get(`/purchases?q=${q}`).expect(200);
    expect(test.invoked).toHaveLength(2);
    for (const path of test.invoked) expect(path).not.toContain('q=');
  });

  test('shows the searched text as text', async () => {
    const { text } = await (await signedIn(searching(all))).get('/purchases?q=<b>x').expect(200);
    expect(text).toContain('&lt;b&gt;x');
    expect(text).not.toContain('<b>');
  });

  test('is unavailable, not wrong, while an older purchase-service answers', async () => {
    const test = createTestApp();
    const body = { type: 'about:blank', title: 'Bad Request', status: 400, code: 'invalid-request' };
    test.behind.invoke = () => Promise.resolve({ status: 400, body });
    const agent = await signedIn(test);
    for (const query of ['q=mug', 'year=2026']) {
      const { text } = await agent.get(`/purchases?${query}`).expect(503);
      expect(text).toContain('Your purchases cannot be shown right now');
    }
    await agent.get('/api/purchases?q=mug').expect(503);
  });
});
