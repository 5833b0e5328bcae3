import { readFileSync } from 'node:fs';
import { z } from 'zod';

const catalogue = z
  .object({ products: z.array(z.object({ sku: z.string(), prices: z.object({ EUR: z.int() }) })) })
  .parse(JSON.parse(readFileSync(new URL('../../storefront/catalogue.json', import.meta.url), 'utf8')));

/** A product's price in cents of EUR. @throws RangeError for an unknown SKU */
export function catalogPrice(sku: string): number {
  const product = catalogue.products.find((each) => each.sku === sku);
  if (product === undefined) throw new RangeError(`${sku} is not for sale`);
  return product.prices.EUR;
}
