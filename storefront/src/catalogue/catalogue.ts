import { readFile } from 'node:fs/promises';
import { amountMax, currencySchema, skuSchema, visibleLine, type Currency } from '@unity-purchase/contracts';
import { z } from 'zod';

const price = z.int().min(1).max(amountMax);

/** One text for all languages, or one for each language code. Other languages get the first one. */
const localized = (max: number) =>
  z.union([
    visibleLine(max),
    z
      .record(z.string().regex(/^[a-z]{2}$/, { error: 'must be a language code' }), visibleLine(max))
      .refine((texts) => Object.keys(texts).length > 0, {
        error: 'must have a text in at least one language',
      }),
  ]);

/** One text for all languages, or one for each language code. */
export type LocalizedText = string | Readonly<Record<string, string>>;

const itemShape = {
  sku: skuSchema,
  title: localized(120),
  description: localized(300),
  /** More words under which a search finds the item. */
  keywords: localized(300).optional(),
  /** The name of a file in the folder `public/pictures`. */
  picture: z
    .string()
    .regex(/^[a-z0-9-]{1,60}\.svg$/, { error: 'must be the name of an SVG file' })
    .optional(),
};

const productSchema = z.strictObject({
  ...itemShape,
  category: z.string(),
  prices: z.record(currencySchema, price),
});

/** An item with prices, in minor units, in some or all of the shop's currencies. */
export type Product = z.infer<typeof productSchema>;

const anyAmountSchema = z.strictObject({
  ...itemShape,
  bounds: z.record(
    currencySchema,
    z
      .strictObject({ min: price, max: price })
      .refine(({ min, max }) => min <= max, { path: ['max'], error: 'must not be less than min' }),
  ),
});

/** The one item whose price the shopper chooses, within bounds in minor units. */
export type AnyAmount = z.infer<typeof anyAmountSchema>;

const categorySchema = z.strictObject({ id: skuSchema, title: localized(60) });

export type Category = z.infer<typeof categorySchema>;

const catalogueSchema = z
  .strictObject({
    currencies: z.array(currencySchema).min(1),
    categories: z.array(categorySchema),
    products: z.array(productSchema).min(1),
    anyAmount: anyAmountSchema.optional(),
  })
  .superRefine(({ currencies, categories, products, anyAmount }, context) => {
    const addProblem = (path: (string | number)[], message: string) => {
      context.addIssue({ code: 'custom', path, message });
    };
    const skus = [...products, ...(anyAmount === undefined ? [] : [anyAmount])].map(({ sku }) => sku);
    if (new Set(skus).size < skus.length) addProblem(['products'], 'every sku must be unique');
    const known = new Set(categories.map(({ id }) => id));
    products.forEach(({ category, prices }, index) => {
      if (!known.has(category)) addProblem(['products', index, 'category'], 'must be one of the categories');
      for (const currency of Object.keys(prices))
        if (!currencies.includes(currency))
          addProblem(['products', index, 'prices', currency], 'must be one of the currencies');
    });
  });

/** The items for sale, with their prices in each currency. */
export type Catalogue = {
  /** The first one is the default. */
  currencies: readonly [Currency, ...Currency[]];
  categories: readonly Category[];
  products: readonly Product[];
  anyAmount: AnyAmount | undefined;
  /** The product or the any-amount item with this SKU. */
  item: (sku: string) => Product | AnyAmount | undefined;
};

/** Validates the content of a catalogue file. @throws ZodError with all problems */
export function createCatalogue(content: unknown): Catalogue {
  const { currencies, categories, products, anyAmount } = catalogueSchema.parse(content);
  const [first, ...others] = currencies as [Currency, ...Currency[]];
  const bySku = new Map<string, Product | AnyAmount>(products.map((product) => [product.sku, product]));
  if (anyAmount !== undefined) bySku.set(anyAmount.sku, anyAmount);
  return {
    currencies: [first, ...others],
    categories,
    products,
    anyAmount,
    item: (sku) => bySku.get(sku),
  };
}

/** Whether the shopper chooses the price of an item. */
export function isAnyAmount(item: Product | AnyAmount): item is AnyAmount {
  return 'bounds' in item;
}

/** Whether an item has a price in a currency. */
export function isSoldIn(item: Product | AnyAmount, currency: Currency): boolean {
  return (isAnyAmount(item) ? item.bounds : item.prices)[currency] !== undefined;
}

/** The text in a language, or in the first language it has. */
export function textIn(text: LocalizedText, language: string): string {
  if (typeof text === 'string') return text;
  return text[language] ?? Object.values(text)[0] ?? '';
}

/** The title of the item with this SKU; the SKU if it is not in the catalogue any more. */
export function titleOf(catalogue: Pick<Catalogue, 'item'>, sku: string, language: string): string {
  const item = catalogue.item(sku);
  return item === undefined ? sku : textIn(item.title, language);
}

/** Reads a catalogue file. @throws Error that names the file and all its problems */
export async function readCatalogue(file: string | URL): Promise<Catalogue> {
  try {
    return createCatalogue(JSON.parse(await readFile(file, 'utf8')));
  } catch (cause) {
    const reason = cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause);
    throw new Error(`the catalogue ${String(file)} cannot be used: ${reason}`, { cause });
  }
}
