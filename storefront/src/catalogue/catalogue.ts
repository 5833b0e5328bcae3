import { readFile } from 'node:fs/promises';
import { amountMax, currencySchema, lineOfText, skuSchema, type Currency } from '@unity-purchase/contracts';
import { z } from 'zod';

const price = z.int().min(1).max(amountMax);

const productSchema = z.strictObject({
  sku: skuSchema,
  title: lineOfText(120),
  description: lineOfText(300),
  unitPrice: price,
});

/** Something with a price. */
export type Product = z.infer<typeof productSchema>;

const anyAmountSchema = z
  .strictObject({
    sku: skuSchema,
    title: lineOfText(120),
    description: lineOfText(300),
    min: price,
    max: price,
  })
  .refine(({ min, max }) => min <= max, { path: ['max'], error: 'must not be below min' });

/** The one item whose price the shopper names, within bounds. */
export type AnyAmount = z.infer<typeof anyAmountSchema>;

const catalogueSchema = z
  .strictObject({
    currency: currencySchema,
    products: z.array(productSchema).min(1),
    anyAmount: anyAmountSchema.optional(),
  })
  .refine(
    ({ products, anyAmount }) => {
      const skus = [...products, ...(anyAmount === undefined ? [] : [anyAmount])].map(({ sku }) => sku);
      return new Set(skus).size === skus.length;
    },
    { error: 'every sku must be there once' },
  );

/** What is for sale, in minor units of one currency. */
export type Catalogue = {
  currency: Currency;
  products: readonly Product[];
  anyAmount: AnyAmount | undefined;
  /** The product with this code; undefined if it is not for sale at a fixed price. */
  product: (sku: string) => Product | undefined;
};

export function createCatalogue(content: unknown): Catalogue {
  const { currency, products, anyAmount } = catalogueSchema.parse(content);
  const bySku = new Map(products.map((product) => [product.sku, product]));
  return { currency, products, anyAmount, product: (sku) => bySku.get(sku) };
}

/** @throws an Error that names the file and all that is wrong with it */
export async function readCatalogue(file: string | URL): Promise<Catalogue> {
  try {
    return createCatalogue(JSON.parse(await readFile(file, 'utf8')));
  } catch (cause) {
    const why = cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause);
    throw new Error(`the catalogue ${String(file)} cannot be used: ${why}`, { cause });
  }
}
