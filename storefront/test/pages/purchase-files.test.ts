import { describe, expect, test } from '@jest/globals';
import { recordedPurchaseSchema, type HistoryPage, type Purchase } from '@unity-purchase/contracts';
import request from 'supertest';
import { v7 } from 'uuid';
import { z } from 'zod';
import { createTestApp, recorded, signedIn, unanswered, type TestApp } from '../fakes/test-app.js';

const aPurchase = (change: Partial<Purchase> = {}): Purchase => ({
  purchaseId: v7(),
  shopper: { id: 'ada', name: 'Ada' },
  lines: [{ sku: 'mug', title: 'Mug', quantity: 2, unitPrice: 1650 }],
  total: { amount: 3300, currency: 'EUR' },
  placedAt: '2026-01-01T10:00:00.000Z',
  ...change,
});

/** A history of `count` pages with two purchases each. Pages from `failsAt` on cannot be read. */
function withPages(shop: TestApp, count: number, failsAt = Infinity): Purchase[] {
  const all = Array.from({ length: 2 * count }, () => aPurchase());
  shop.behind.invoke = (path) => {
    const page = Number(/cursor=(\d+)/.exec(path)?.[1] ?? 0);
    if (page >= failsAt) return unanswered();
    const body: HistoryPage = {
      purchases: all.slice(2 * page, 2 * page + 2).map(recorded),
      totals: { count: all.length, sums: { EUR: 3300 * all.length } },
      ...(page + 1 < count ? { next: String(page + 1) } : {}),
    };
    return Promise.resolve({ status: 200, body });
  };
  return all;
}

const rowsOf = (text: string) =>
  text
    .replace(/^\ufeff/, '')
    .trimEnd()
    .split('\r\n');

describe('/purchases.csv', () => {
  test('is a download with every purchase of every page, newest first', async () => {
    const shop = createTestApp();
    const all = withPages(shop, 3);
    const response = await (await signedIn(shop)).get('/purchases.csv').expect(200);
    expect(response.headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="purchases.csv"',
      'cache-control': 'private, no-store',
    });
    const [head, ...rows] = rowsOf(response.text);
    expect(head).toBe(
      'purchase id,placed at,recorded at,product code,product,quantity,price each,price,currency',
    );
    expect(rows).toEqual(
      all.map((purchase) =>
        [
          purchase.purchaseId,
          purchase.placedAt,
          recorded(purchase).recordedAt,
          'mug',
          'Mug',
          '2',
          '16.50',
          '33.00',
          'EUR',
        ].join(','),
      ),
    );
    // Spreadsheets recognise UTF-8 by the byte order mark.
    expect(response.text.startsWith('\ufeff')).toBe(true);
  });

  test.each([
    ['Mug, blue', '"Mug, blue"'],
    ['Mug "blue"', '"Mug ""blue"""'],
    ['=1+1', "'=1+1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['-2, +3', '"\'-2, +3"'],
    ['Tëa 🍵', 'Tëa 🍵'],
  ])('writes the title %j as %s', async (title, cell) => {
    const shop = createTestApp();
    const lines = [{ sku: 'mug', title, quantity: 1, unitPrice: 500 }];
    const purchase = aPurchase({ lines, total: { amount: 500, currency: 'JPY' } });
    const body = { purchases: [recorded(purchase)], totals: { count: 1, sums: { JPY: 500 } } };
    shop.behind.invoke = () => Promise.resolve({ status: 200, body });
    const { text } = await (await signedIn(shop)).get('/purchases.csv').expect(200);
    const [, row = ''] = rowsOf(text);
    expect(row.slice(row.indexOf(',mug,'))).toBe(`,mug,${cell},1,500,500,JPY`);
  });
});

describe('/purchases.csv in German', () => {
  const inGerman = async (purchase: Purchase, language = 'de') => {
    const shop = createTestApp();
    const body = { purchases: [recorded(purchase)], totals: { count: 1, sums: { EUR: 3300 } } };
    shop.behind.invoke = () => Promise.resolve({ status: 200, body });
    const client = await signedIn(shop);
    const { text } = await client.get('/purchases.csv').set('Accept-Language', language).expect(200);
    return rowsOf(text);
  };

  test('has German headings, semicolons and decimal commas, as German spreadsheets expect', async () => {
    const lines = [{ sku: 'mug', title: 'Becher, "blau"; groß', quantity: 2, unitPrice: 1650 }];
    const [head, row = ''] = await inGerman(aPurchase({ lines }));
    expect(head).toBe(
      'Einkaufsnummer;bestellt am;verbucht am;Artikelnummer;Artikel;Menge;Einzelpreis;Preis;Währung',
    );
    expect(row.slice(row.indexOf(';mug;'))).toBe(';mug;"Becher, ""blau""; groß";2;16,50;33,00;EUR');
  });

  test('has commas and decimal points in Switzerland, where spreadsheets expect those', async () => {
    const [head, row] = await inGerman(aPurchase(), 'de-CH');
    expect(head).toMatch(/^Einkaufsnummer,bestellt am,/);
    expect(row).toMatch(/,mug,Mug,2,16\.50,33\.00,EUR$/);
  });
});

describe.each(['csv', 'json'])('a file of one month, as %s', (extension) => {
  test('has only the purchases of that month, and its name', async () => {
    const shop = createTestApp();
    withPages(shop, 3);
    const client = await signedIn(shop);
    shop.invoked.length = 0;
    const { headers } = await client.get(`/purchases.${extension}?month=2026-01`).expect(200);
    expect(headers['content-disposition']).toBe(`attachment; filename="purchases-2026-01.${extension}"`);
    expect(shop.invoked).toHaveLength(3);
    expect(shop.invoked.every((path) => path.includes('month=2026-01'))).toBe(true);
  });

  test('can also be of a year', async () => {
    const shop = createTestApp();
    withPages(shop, 2);
    const { headers } = await (await signedIn(shop)).get(`/purchases.${extension}?year=2026`).expect(200);
    expect(headers['content-disposition']).toBe(`attachment; filename="purchases-2026.${extension}"`);
    expect(shop.invoked.every((path) => path.includes('year=2026'))).toBe(true);
  });

  test.each(['2026-13', 'January', '2026-1', 'x&month=2026-01'])(
    'is refused for the month %s',
    async (month) => {
      const shop = createTestApp();
      withPages(shop, 3);
      const client = await signedIn(shop);
      shop.invoked.length = 0;
      const response = await client.get(`/purchases.${extension}?month=${month}`).expect(400);
      expect(response.headers).not.toHaveProperty('content-disposition');
      expect(shop.invoked).toEqual([]);
    },
  );
});

describe('/purchases.json', () => {
  test.each([1, 3])('contains every purchase of %d pages in the format of the API', async (pages) => {
    const shop = createTestApp();
    const all = withPages(shop, pages);
    const response = await (await signedIn(shop)).get('/purchases.json').expect(200);
    expect(z.array(recordedPurchaseSchema).parse(JSON.parse(response.text))).toEqual(all.map(recorded));
  });

  test('is an empty list for an empty history, as the CSV file has only its header', async () => {
    const shop = createTestApp();
    shop.behind.invoke = () =>
      Promise.resolve({ status: 200, body: { purchases: [], totals: { count: 0, sums: {} } } });
    const client = await signedIn(shop);
    expect((await client.get('/purchases.json').expect(200)).text).toBe('[]\n');
    expect(rowsOf((await client.get('/purchases.csv').expect(200)).text)).toHaveLength(1);
  });
});

describe.each(['/purchases.csv', '/purchases.json'])('%s', (path) => {
  test('is answered with an error page, not a file, when the history cannot be read', async () => {
    const shop = createTestApp();
    withPages(shop, 3, 0);
    const response = await (await signedIn(shop)).get(path).expect(503);
    expect(response.text).toContain('Your purchases cannot be shown right now');
    expect(response.headers).not.toHaveProperty('content-disposition');
  });

  test('is aborted when a later page cannot be read, so that the file is not mistaken for a complete one', async () => {
    const shop = createTestApp();
    withPages(shop, 3, 2);
    const client = await signedIn(shop);
    await expect(client.get(path).then(({ text }) => text)).rejects.toThrow('aborted');
  });

  test('redirects to the sign-in without a session', async () => {
    const response = await request(createTestApp().app).get(path).expect(303);
    expect(response.headers['location']).toContain('/sign-in');
  });
});

test.each(['/purchases.csv', '/purchases.json'])('HEAD %s reads no purchases', async (path) => {
  const shop = createTestApp();
  withPages(shop, 3);
  const agent = await signedIn(shop);
  shop.invoked.length = 0;
  const { headers } = await agent.head(path).expect(200);
  expect(headers['content-disposition']).toBe(`attachment; filename="${path.slice(1)}"`);
  expect(shop.invoked).toEqual([]);
});

test('a shopper can download two files at a time, and others are not affected', async () => {
  const shop = createTestApp();
  withPages(shop, 1);
  const readPage = shop.behind.invoke;
  let finish: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => (finish = resolve));
  let waiting = 0;
  shop.behind.invoke = async (path) => {
    waiting += 1;
    await finished;
    return readPage(path);
  };
  const [ada, bob] = [await signedIn(shop), await signedIn(shop, 'bob')];
  const running = [
    ada.get('/purchases.csv').then((done) => done),
    ada.get('/purchases.json').then((done) => done),
  ];
  while (waiting < 2) await new Promise(setImmediate);
  const refused = await ada.get('/purchases.csv').expect(429);
  expect(refused.text).toContain('A download is already running');
  expect(refused.get('Retry-After')).toBe('30');
  const other = bob.get('/purchases.csv').then((done) => done);
  while (waiting < 3) await new Promise(setImmediate);
  finish();
  expect((await Promise.all([...running, other])).map(({ status }) => status)).toEqual([200, 200, 200]);
  await ada.get('/purchases.csv').expect(200);
});
