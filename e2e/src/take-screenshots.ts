import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { purchasePlaced, topics } from '@unity-purchase/contracts';
import { waitUntil } from '@unity-purchase/tools';
import type { Browser, Page } from 'playwright-core';
import { jetstreamClient } from './brokers/jetstream-client.js';
import { openBrowser } from './browser.js';
import { listDeadLetters } from './list-dead-letters.js';
import { purchaseOf } from './purchase-of.js';
import { signIn, type ShopperClient } from './shopper-client.js';
import { projectRoot, startTestSystem } from './test-system.js';

/** Takes the pictures that the documents show; with `--all`, every page in both schemes and two widths, for looking at. */
const { values } = parseArgs({ options: { all: { type: 'boolean', default: false } } });
const folder = join(projectRoot, values.all ? '.data/screenshots' : 'docs/screenshots');

const shown = [
  { sku: 'teapot', quantity: 1 },
  { sku: 'green-tea', quantity: 2 },
  { sku: 'any-amount', amount: 2500 },
  { sku: 'notebook', quantity: 3 },
];

const tokens = { OPERATOR_TOKEN: 'seen-by-nobody-in-a-picture', APP_API_TOKEN: 'of-the-sidecar-of-pictures' };

async function signInAsOperator(page: Page): Promise<void> {
  await page.getByLabel('Operators’ token').fill(tokens.OPERATOR_TOKEN);
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByRole('heading', { name: 'Dead letters' }).waitFor();
}

async function lookAtDeadLetter(page: Page): Promise<void> {
  await page
    .getByRole('link', { name: /^Look at the dead letter/ })
    .first()
    .click();
  await page.getByRole('heading', { name: 'Dead letter', exact: true }).waitFor();
}

const pages: { name: string; path: string; act?: (page: Page) => Promise<void>; inDocuments: boolean }[] = [
  { name: 'shop', path: '/', inDocuments: true },
  { name: 'product', path: '/products/teapot', inDocuments: false },
  {
    name: 'mistakes',
    path: '/products/any-amount',
    act: async (page) => {
      await page.getByLabel('Quantity').fill('0');
      await page.getByRole('button', { name: 'Buy now' }).click();
    },
    inDocuments: false,
  },
  { name: 'sign-in', path: '/sign-in', inDocuments: false },
  { name: 'receipt', path: 'receipt', inDocuments: false },
  { name: 'history', path: '/purchases', inDocuments: false },
  { name: 'not-found', path: '/nothing-here', inDocuments: false },
  { name: 'operator-sign-in', path: '/operators/sign-in', inDocuments: false },
  { name: 'dead-letters', path: '/operators/dead-letters', act: signInAsOperator, inDocuments: false },
  { name: 'dead-letter', path: '/operators/dead-letters', act: lookAtDeadLetter, inDocuments: false },
];

async function takeAll(browser: Browser, storefront: string, ada: ShopperClient, receipt: string) {
  const schemes = values.all ? (['light', 'dark'] as const) : (['light'] as const);
  const widths = values.all ? [390, 1280] : [1280];
  for (const colorScheme of schemes) {
    for (const width of widths) {
      const context = await browser.newContext({
        baseURL: storefront,
        colorScheme,
        viewport: { width, height: 900 },
      });
      const [name = '', value = ''] = ada.cookie.split(/=(.*)/s);
      await context.addCookies([{ name, value, url: storefront }]);
      const page = await context.newPage();
      for (const { name, path, act, inDocuments } of pages) {
        if (!values.all && !inDocuments) continue;
        await page.goto(path === 'receipt' ? receipt : path);
        await act?.(page);
        const file = values.all ? `${name}-${colorScheme}-${width}.png` : `${name}.png`;
        await page.screenshot({ path: join(folder, file), fullPage: values.all });
      }
      await context.close();
    }
  }
}

await mkdir(folder, { recursive: true });
const { OPERATOR_TOKEN, APP_API_TOKEN } = tokens;
await using shop = await startTestSystem({
  env: { apps: { OPERATOR_TOKEN, APP_API_TOKEN }, sidecars: { APP_API_TOKEN } },
});
const ada = await signIn(shop.storefront, 'ada-1815', 'Ada Lovelace');
let receipt = '';
for (const order of shown) {
  const { purchaseId } = await ada.buy(order);
  receipt = `/purchases/${purchaseId}`;
}
await ada.waitForRecords(shown.length);
await using broker = jetstreamClient(shop.addressOf('nats'));
const late = purchasePlaced(purchaseOf('ada-1815', 1600, 'Ada Lovelace'));
await broker.publish(topics.purchaseEvents, { ...late, type: 'purchase.placed.v9' });
await broker.publish(topics.deadLetters, late);
await waitUntil(async () => {
  const deadLetters = await listDeadLetters(shop.purchaseService, OPERATOR_TOKEN);
  return deadLetters.length === 2 || `${deadLetters.length} of 2 dead letters are kept`;
}, 30_000);
const browser = await openBrowser();
await takeAll(browser, shop.storefront, ada, receipt);
await browser.close();
process.stdout.write(`Screenshots are in ${folder}\n`);
