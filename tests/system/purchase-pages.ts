import { waitUntil } from '@unity-purchase/tools';
import type { Page } from 'playwright-core';

/** Fills and submits the demo sign-in form. */
export async function signInFrom(page: Page, id: string, name = 'Ada Lovelace'): Promise<void> {
  await page.getByLabel('Customer number').fill(id);
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
}

/** Opens the menu with the language, the currency and the sign-out. */
export async function openMenu(page: Page): Promise<void> {
  await page.locator('.menu > summary').click();
}

/** Adds a product to the basket on its page. */
export async function putInBasket(page: Page, sku: string, quantity = '1'): Promise<void> {
  await page.goto(`/products/${sku}`);
  await page.getByLabel('Quantity').fill(quantity);
  await page.getByRole('button', { name: 'Add to basket' }).click();
  await page.getByRole('heading', { name: 'Your basket' }).waitFor();
}

export const purchaseStateOf = (page: Page) => page.locator('#purchase-status').getAttribute('data-state');

/** Resolves when a purchase's page has updated itself to the receipt. */
export async function waitForReceipt(page: Page): Promise<void> {
  await waitUntil(async () => {
    const status = await purchaseStateOf(page).catch(() => 'being loaded');
    return status === 'recorded' || `the page says ${String(status)}`;
  }, 30_000);
}
