import {
  isSoldIn,
  textIn,
  type AnyAmount,
  type Catalogue,
  type LocalizedText,
  type Product,
} from './catalogue.js';
import type { Currency } from '@unity-purchase/contracts';

/** What somebody looks for: words, all of which must occur, and a category; nothing of them means everything. */
export type CatalogueQuery = { words: string; category: string | undefined };

/**
 * What of the catalogue is sold in a currency and meets a query, in the catalogue's order. Capital letters and accents make
 * no difference; words are looked for in the language that the shopper reads.
 */
export function searchCatalogue(
  catalogue: Catalogue,
  { words, category }: CatalogueQuery,
  { language, currency }: { language: string; currency: Currency },
): (Product | AnyAmount)[] {
  const wanted = plain(words).split(/\s+/).filter(Boolean);
  const categoryTitles = new Map(catalogue.categories.map(({ id, title }) => [id, textIn(title, language)]));
  const matches = (texts: LocalizedText[], more: string) => {
    const text = plain([...texts.map((each) => textIn(each, language)), more].join(' '));
    return wanted.every((word) => text.includes(word));
  };
  const products = catalogue.products.filter(
    (product) =>
      (category === undefined || product.category === category) &&
      isSoldIn(product, currency) &&
      matches([product.title, product.description], categoryTitles.get(product.category) ?? ''),
  );
  const { anyAmount } = catalogue;
  const isWanted =
    anyAmount !== undefined &&
    category === undefined &&
    isSoldIn(anyAmount, currency) &&
    matches([anyAmount.title, anyAmount.description], '');
  return [...products, ...(isWanted ? [anyAmount] : [])];
}

/** A text without what makes no difference to who looks for it. */
function plain(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().replaceAll('ß', 'ss');
}
