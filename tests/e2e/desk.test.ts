import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { purchasePlaced, topics } from '@unity-purchase/contracts';
import { createCleanup } from '@unity-purchase/tools';
import type { Browser } from 'playwright-core';
import { v7 } from 'uuid';
import { openBrowser } from '../system/browser.js';
import { keepUnrecorded } from '../system/keep-unrecorded.js';
import { createPurchase } from '../system/create-purchase.js';
import { openPage } from '../system/shop-browser.js';
import { signIn } from '../system/shopper-client.js';
import { startTestSystem, type TestSystem } from '../system/test-system.js';

const tokens = {
  OPERATOR_TOKEN: 'of-those-who-work-the-desk',
  APP_API_TOKEN: 'of-the-sidecar-behind-the-desk',
};

const cleanup = createCleanup();
let shop: TestSystem;
let browser: Browser;

beforeAll(async () => {
  const { OPERATOR_TOKEN, APP_API_TOKEN } = tokens;
  shop = cleanup.add(
    await startTestSystem({ env: { apps: { OPERATOR_TOKEN, APP_API_TOKEN }, sidecars: { APP_API_TOKEN } } }),
  );
  browser = cleanup.add(await openBrowser());
}, 120_000);

afterAll(cleanup.run, 60_000);

test.each([
  ['with scripts', true],
  ['without scripts', false],
])(
  'an operator finds a purchase, opens it, replays dead letters, and is on record for it, %s',
  async (_how, javaScriptEnabled) => {
    const ada = await signIn(shop.storefront, `ada-${v7()}`, 'Ada Lovelace');
    const { purchaseId } = await ada.buy({ sku: 'teapot', quantity: 2 });
    await ada.waitForRecords(1);
    await using broker = await shop.connectToBroker();
    const late = purchasePlaced(createPurchase(ada.id, 1600, 'Ada Lovelace'));
    await keepUnrecorded(shop, late, { broker, operatorToken: tokens.OPERATOR_TOKEN });

    await using window = await openPage(browser, { baseURL: shop.storefront, javaScriptEnabled });
    const { page } = window;
    const main = page.getByRole('main');
    /** Opens the audit log, which has these actions of a kind and no customer number. Returns its newest rows. */
    const onRecord = async (kind: 'Decisions' | 'Views', ...actions: string[]): Promise<string[]> => {
      await page.getByRole('link', { name: 'Audit log' }).click();
      await main.getByRole('link', { name: kind, exact: true }).click();
      await page.waitForURL(kind === 'Views' ? /kind=views/ : /audit-log$/);
      const rows = await main.getByRole('row').allInnerTexts();
      for (const action of actions)
        expect([action, rows.some((each) => each.includes(action))]).toEqual([action, true]);
      expect(rows.join()).not.toContain(ada.id);
      return rows;
    };
    await page.goto('/operators');
    await page.getByLabel('Operator token').fill(tokens.OPERATOR_TOKEN);
    await page.getByRole('button', { name: 'Sign in' }).click();
    expect(await main.getByRole('row', { name: /^State store OK/ }).count()).toBe(1);

    // Find it in each way.
    await page.getByRole('link', { name: 'All purchases' }).click();
    await page.getByLabel('Purchase number').fill(purchaseId);
    await page.getByRole('button', { name: 'Find' }).click();
    expect(await main.getByRole('row').count()).toBe(2);
    await page.getByRole('link', { name: ada.id }).click();
    expect(await page.getByLabel('Customer number').inputValue()).toBe(ada.id);
    await page.getByLabel('Recorded before (UTC)').fill('2026-01-01T00:00');
    await page.getByRole('button', { name: 'Find' }).click();
    expect(await main.innerText()).toContain('No purchases found.');
    await page.goBack();

    // Find it with the box on every page: by its number, by the start of it, and by the name of its customer.
    const search = async (text: string) => {
      await page.getByRole('searchbox', { name: 'Search the desk' }).fill(text);
      await page.getByRole('button', { name: 'Search' }).click();
    };
    await search(purchaseId);
    expect(await page.locator('pre').innerText()).toContain(purchaseId);
    await search(purchaseId.slice(0, 13));
    expect(await main.innerText()).toContain(purchaseId);
    await search('nobody by this name');
    expect(await main.innerText()).toContain('Nothing was found.');
    await search('LÖVELACE');
    await page
      .getByRole('row')
      .filter({ hasText: ada.id })
      .getByRole('link', { name: 'Ada Lovelace' })
      .click();

    // Open it.
    await page.getByRole('link', { name: `View purchase ${purchaseId}` }).click();
    const event = JSON.parse(await page.locator('pre').innerText()) as Record<string, unknown>;
    expect(event).toMatchObject({
      type: 'purchase.placed.v1',
      subject: ada.id,
      topic: topics.purchaseEvents,
    });
    expect(event['data']).toMatchObject({ purchaseId });
    const views = await onRecord(
      'Views',
      'Viewed a purchase',
      'Searched for a purchase',
      'Searched for a name',
    );
    expect(views.find((each) => each.includes('Viewed a purchase'))).toContain(purchaseId);

    // Replay a dead letter. It says whose purchase it is.
    await page.getByRole('link', { name: 'Dead letters' }).click();
    const row = main.getByRole('row', { name: ada.id });
    expect(await row.innerText()).toMatch(new RegExp(`${late.data.purchaseId.slice(0, 13)}[^]*€16\\.00`));
    await row.getByRole('link', { name: /^View dead letter/ }).click();
    await page.getByRole('button', { name: 'Replay' }).click();
    await main.getByText(/^This (event was replayed|purchase was recorded)/).waitFor();
    await ada.waitForRecords(2);
    await page.reload();
    expect(await main.innerText()).toContain('There is nothing left to do.');
    expect(await page.getByRole('button', { name: /Replay|Discard/ }).count()).toBe(0);
    await page.getByRole('link', { name: 'Back to the dead letters' }).click();
    expect(await page.getByRole('link', { name: 'Recorded since' }).getAttribute('aria-current')).toBe(
      'page',
    );

    // Replay all of them.
    const later = [1700, 1800].map((price) => purchasePlaced(createPurchase(ada.id, price, 'Ada Lovelace')));
    for (const event of later)
      await keepUnrecorded(shop, event, { broker, operatorToken: tokens.OPERATOR_TOKEN });
    await page.getByRole('link', { name: 'Waiting', exact: true }).click();
    await page.getByText('Filter').first().click();
    await page.getByLabel('Reason').selectOption('Could not be recorded in time');
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.getByRole('button', { name: 'Replay everything that matches and can be replayed' }).click();
    expect(await main.locator('[data-task]').innerText()).toMatch(/^Done\.[^]*Replayed\s+2\b/);
    await ada.waitForRecords(4);

    // Discard one: it asks why, and the shopper's page says so.
    const unwanted = purchasePlaced(createPurchase(ada.id, 1900, 'Ada Lovelace'));
    await keepUnrecorded(shop, unwanted, { broker, operatorToken: tokens.OPERATOR_TOKEN });
    await page.getByRole('link', { name: 'Back to the dead letters' }).click();
    await main
      .getByRole('row', { name: ada.id })
      .getByRole('link', { name: /^View dead letter/ })
      .click();
    await page.getByRole('link', { name: 'Discard' }).click();
    await page.getByRole('button', { name: 'Discard' }).click();
    expect(await main.innerText()).toContain('Enter a reason');
    await page.getByLabel('Reason').fill('A test order of ours');
    await page.getByRole('button', { name: 'Discard' }).click();
    expect(await main.innerText()).toMatch(/may have bought again[^]*A test order of ours/);
    const receipt = await ada.request(`/purchases/${unwanted.data.purchaseId}`);
    expect(await receipt.text()).toContain('This purchase did not go through');

    const decisions = await onRecord('Decisions', 'Replayed a dead letter', 'Discarded a dead letter');
    expect(decisions.filter((each) => each.includes('Viewed'))).toEqual([]);
  },
  90_000,
);

test('the desk names the failing part and its impact while the rest works', async () => {
  await using window = await openPage(browser, { baseURL: shop.storefront });
  const { page } = window;
  await page.goto('/operators/sign-in');
  await page.getByLabel('Operator token').fill(tokens.OPERATOR_TOKEN);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await shop.system.process('purchase-service').stop();
  await page.goto('/operators');
  await page.getByRole('row', { name: /^Purchase-service Down/ }).waitFor();
  await page.getByRole('row', { name: /^State store Unknown/ }).waitFor();
  expect((await page.goto('/operators/purchases'))?.status()).toBe(503);
  await shop.system.process('purchase-service').start();
  await shop.system.waitUntilReady('purchase-service');
  await page.goto('/operators');
  await page.getByRole('row', { name: /^Purchase-service OK/ }).waitFor();
}, 120_000);
