import { beforeEach, describe, expect, test } from '@jest/globals';
import { purchaseApiPath, shopperKey, type HistoryPage } from '@unity-purchase/contracts';
import type request from 'supertest';
import { createTestApp, purchaseIn, recorded, signedIn, type TestApp } from '../fakes/test-app.js';

const adasPath = `${purchaseApiPath}/${shopperKey('ada')}`;

let shop: TestApp;
let [ada, bob]: [Client, Client] = [undefined as never, undefined as never];
/** The address of the page of Ada's purchase, with its acceptance proof. */
let purchasePage: string;

type Client = ReturnType<typeof request.agent>;

beforeEach(async () => {
  shop = createTestApp();
  [ada, bob] = [await signedIn(shop, 'ada', 'Ada'), await signedIn(shop, 'bob', 'Bob')];
  const bought = await ada
    .post('/api/purchases')
    .send({ lines: [{ sku: 'teapot' }] })
    .expect(202);
  purchasePage = bought.get('Location')?.replace(/^\/api/, '') ?? '';
  const record = recorded(purchaseIn(shop.published[0]));
  const none: HistoryPage = { purchases: [], totals: { count: 0, sums: {} } };
  const all: HistoryPage = { purchases: [record], totals: { count: 1, sums: { EUR: 4200 } } };
  shop.behind.invoke = (path) => {
    const isAdas = path.startsWith(adasPath);
    if (path.endsWith('/months')) return Promise.resolve({ status: 200, body: { months: [] } });
    if (!path.includes(record.purchase.purchaseId))
      return Promise.resolve({ status: 200, body: isAdas ? all : none });
    return Promise.resolve(
      isAdas
        ? { status: 200, body: record }
        : { status: 404, body: { type: 'x', title: 'x', status: 404, code: 'purchase-not-recorded' } },
    );
  };
  shop.invoked.length = 0;
});

describe.each([
  ['the history', () => '/purchases'],
  ['the history in the API', () => '/api/purchases'],
  ['the history as CSV', () => '/purchases.csv'],
  ['the history as JSON', () => '/purchases.json'],
  ['a purchase with its acceptance proof', () => purchasePage],
  ['a purchase without its acceptance proof', () => purchasePage.replace(/\?.*/, '')],
  ['a purchase with its acceptance proof in the API', () => `/api${purchasePage}`],
  ['a purchase without its acceptance proof in the API', () => `/api${purchasePage.replace(/\?.*/, '')}`],
])('%s', (_what, address) => {
  test('is shown to the shopper', async () => {
    expect((await ada.get(address()).expect(200)).text).toContain('Teapot');
  });

  test('is not shown to another shopper, whose own purchases are requested instead', async () => {
    const response = await bob.get(address());
    expect([200, 404]).toContain(response.status);
    expect(response.text).not.toMatch(/Teapot|teapot|42\.00|4200/);
    expect(shop.invoked.length).toBeGreaterThan(0);
    for (const path of shop.invoked) expect(path).not.toContain(shopperKey('ada'));
  });
});

test('a shopper id in the query has no effect', async () => {
  for (const address of ['/purchases?shopper=ada', '/api/purchases?cursor=x&limit=5', '/purchases?id=ada'])
    await bob.get(address);
  for (const path of shop.invoked) expect(path).toContain(shopperKey('bob'));
});
