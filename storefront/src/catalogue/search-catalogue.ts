import {
  isSoldIn,
  textIn,
  type AnyAmount,
  type Catalogue,
  type LocalizedText,
  type Product,
} from './catalogue.js';
import type { Currency } from '@unity-purchase/contracts';

/** A search: words, all of which must occur, and a category. Both are optional. */
export type CatalogueQuery = { words: string; category: string | undefined };

/**
 * The items that match a search and have a price in the currency, in the order of the catalogue. The comparison ignores case and
 * accents. It uses the texts in the given language.
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

/** A text in lower case and without accents, for comparisons. */
function plain(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().replaceAll('ß', 'ss');
}
