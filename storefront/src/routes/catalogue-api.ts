import { amountMax, currencySchema, linesMax, quantityMax } from '@unity-purchase/contracts';
import { createApiRouter, route, type ApiRouter } from '@unity-purchase/service-kit';
import { z } from 'zod';
import { textIn, type Catalogue, type LocalizedText } from '../catalogue/catalogue.js';
import { paths } from '../paths.js';
import { languages, type LanguageCode } from '../texts/languages.js';

/** A text in every language of the shop. */
const textsSchema = z.record(z.string(), z.string());

/** In minor units. */
const price = z.int().min(1).max(amountMax);

const itemShape = { sku: z.string(), title: textsSchema, description: textsSchema };

const catalogueSchema = z.strictObject({
  /** The first one is the default. */
  currencies: z.array(currencySchema),
  /** The most that one order may have: lines, pieces of a line, and minor units in total. */
  limits: z.strictObject({ lines: z.int(), quantity: z.int(), total: z.int() }),
  categories: z.array(z.strictObject({ id: z.string(), title: textsSchema })),
  products: z.array(
    z.strictObject({ ...itemShape, category: z.string(), prices: z.record(currencySchema, price) }),
  ),
  /** The one item whose price the client chooses, with the bounds in each currency. */
  anyAmount: z
    .strictObject({
      ...itemShape,
      bounds: z.record(currencySchema, z.strictObject({ min: price, max: price })),
    })
    .optional(),
});

/** The catalogue for programs: everything that an order can contain, and what it costs. */
export function catalogueApiRouter(catalogue: Catalogue): ApiRouter {
  const api = createApiRouter();
  const answer = describe(catalogue);
  route(
    api,
    {
      method: 'GET',
      path: paths.apiCatalogue,
      summary: 'The items for sale, with their prices in each currency and their texts in each language',
      answer: { status: 200, description: 'The catalogue', schema: catalogueSchema },
      problems: ['too-many-requests', 'busy'],
    },
    ({ response }) => {
      // Prices can change with any restart; the entity tag says whether they did.
      response.set('Cache-Control', 'no-cache');
      return Promise.resolve(answer);
    },
  );
  return api;
}

function describe({
  currencies,
  categories,
  products,
  anyAmount,
}: Catalogue): z.output<typeof catalogueSchema> {
  const describeItem = ({ sku, title, description }: Described) => ({
    sku,
    title: inAllLanguages(title),
    description: inAllLanguages(description),
  });
  return {
    currencies: [...currencies],
    limits: { lines: linesMax, quantity: quantityMax, total: amountMax },
    categories: categories.map(({ id, title }) => ({ id, title: inAllLanguages(title) })),
    products: products.map((product) => ({
      ...describeItem(product),
      category: product.category,
      prices: product.prices,
    })),
    ...(anyAmount === undefined
      ? {}
      : { anyAmount: { ...describeItem(anyAmount), bounds: anyAmount.bounds } }),
  };
}

type Described = { sku: string; title: LocalizedText; description: LocalizedText };

function inAllLanguages(text: LocalizedText): Record<LanguageCode, string> {
  const codes = Object.keys(languages) as LanguageCode[];
  return Object.fromEntries(codes.map((code) => [code, textIn(text, code)])) as Record<LanguageCode, string>;
}
