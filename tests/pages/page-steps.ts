import type { Page } from 'playwright-core';
import { v7 } from 'uuid';

/**
 * Steps on a page. They find forms by their addresses and fields by their names, because the pages are in any language.
 */
export type PageStep = (page: Page) => Promise<void>;

/** The field of the order form that is changed, and what it becomes. */
type Change = [field: string, to: string];

/** One step after the other. */
export const inTurn =
  (...steps: PageStep[]): PageStep =>
  async (page) => {
    for (const step of steps) await step(page);
  };

/** Does what loads another page, and waits for it. */
async function leave(page: Page, work: () => Promise<void>): Promise<void> {
  await Promise.all([page.waitForEvent('load'), work()]);
}

/** Presses the first button that matches. */
export const press =
  (selector: string): PageStep =>
  (page) =>
    leave(page, () => page.locator(selector).first().click());

/** Presses the first button of a form that is visible. */
export const submit =
  (action: string): PageStep =>
  (page) =>
    leave(page, () =>
      page.locator(`form[action="${action}"] button[type=submit]:not([tabindex="-1"])`).first().click(),
    );

/** Types into a field of the page. */
export const type =
  (field: string, text: string): PageStep =>
  (page) =>
    page.locator(`main [name="${field}"]`).first().fill(text);

/** Follows the first link that matches. */
export const follow =
  (selector: string): PageStep =>
  (page) =>
    leave(page, () => page.locator(selector).first().click());

export const open =
  (path: string): PageStep =>
  async (page) => {
    await page.goto(path);
  };

/** Presses "buy", after the form was changed as only another window, another version or another day could. */
export const buy =
  (...changes: Change[]): PageStep =>
  async (page) => {
    for (const [field, to] of changes)
      await page
        .locator(`form[action="/purchases"] input[name="${field}"]`)
        .first()
        .evaluate((input: HTMLInputElement, value) => (input.value = value), to);
    await submit('/purchases')(page);
  };

/** Leaves the field out of the order form. */
export const withoutField =
  (field: string): PageStep =>
  (page) =>
    page
      .locator(`form[action="/purchases"] input[name="${field}"]`)
      .first()
      .evaluate((input) => {
        input.remove();
      });

/** Buys, goes back, and sends the same form with another order. */
export const buyTwoOrdersWithOneForm: PageStep = async (page) => {
  const id: Change = ['purchaseId', v7()];
  await buy(id)(page);
  await page.goto('/products/honey');
  await submit('/basket')(page);
  await page.goto('/checkout');
  await buy(id)(page);
};

/** Types something that is not a quantity into the first two fields of the basket. */
export const mistypeQuantities: PageStep = async (page) => {
  const fields = page.locator('main [name^="quantity:"]');
  await fields.nth(0).fill('none');
  await fields.nth(1).fill('101');
  await press('button[value=checkout]')(page);
};

/** Opens every part of the page that can be opened. */
export const unfold: PageStep = async (page) => {
  await page.evaluate("document.querySelectorAll('main details').forEach((part) => { part.open = true; })");
};

export const openMenu: PageStep = (page) => page.locator('.menu > summary').click();

/** Adds the first item of the catalogue to the basket without leaving the page. */
export const quickAdd: PageStep = async (page) => {
  await page.locator('[data-quick-add] button').first().click();
  await page.locator('#toast .notice').waitFor();
};
