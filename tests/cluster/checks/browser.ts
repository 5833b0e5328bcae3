import { openBrowser } from '../../system/browser.js';
import { putInBasket, signInFrom, waitForReceipt } from '../../system/purchase-pages.js';

const product = { sku: 'teapot', title: 'Teapot' };

/** Buys in a browser, from the product's page to the receipt. Resolves if the history then shows it. */
export async function buyInBrowser(shop: string): Promise<string> {
  const browser = await openBrowser();
  try {
    const page = await browser.newPage({ baseURL: shop });
    await putInBasket(page, product.sku);
    await page.getByRole('link', { name: 'Check your order' }).click();
    await signInFrom(page, 'shopper-with-a-browser');
    await page.getByRole('main').getByRole('button', { name: /^Buy/ }).click();
    await waitForReceipt(page);
    await page.getByRole('link', { name: 'All your purchases' }).click();
    const history = await page.getByRole('main').innerText();
    if (!history.includes(product.title)) throw new Error(`the history shows ${history.slice(0, 300)}`);
    return `the history of a browser shows ${product.title}`;
  } finally {
    await browser.close();
  }
}
