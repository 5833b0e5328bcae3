import type { Currency } from '@unity-purchase/contracts';
import { isAnyAmount, isSoldIn, textIn, type AnyAmount, type Catalogue, type Product } from './catalogue.js';

/** A search: words, all of which must occur, and a category. Both are optional. */
export type CatalogueQuery = { words: string; category: string | undefined };

type Item = Product | AnyAmount;

/**
 * The items that match a search and have a price in the currency, in the order of the catalogue. The comparison ignores case and
 * accents. It uses the texts in the given language.
 */
export function searchCatalogue(
  catalogue: Catalogue,
  { words, category }: CatalogueQuery,
  { language, currency }: { language: string; currency: Currency },
): Item[] {
  const { products, anyAmount } = catalogue;
  const items = anyAmount === undefined ? products : [...products, anyAmount];
  const wanted = plain(words).split(/\s+/).filter(Boolean);
  return items.filter((item) => {
    const text = plain(searchedTexts(item, catalogue, language).join(' '));
    return (
      (category === undefined || categoryOf(item) === category) &&
      isSoldIn(item, currency) &&
      wanted.every((word) => text.includes(word))
    );
  });
}

/** The texts of an item that a search looks through: its title, its description and the title of its category. */
function searchedTexts(item: Item, { categories }: Catalogue, language: string): string[] {
  const ofCategory = categories.filter(({ id }) => id === categoryOf(item)).map(({ title }) => title);
  return [item.title, item.description, ...ofCategory].map((text) => textIn(text, language));
}

/** The item with any amount belongs to no category. */
function categoryOf(item: Item): string | undefined {
  return isAnyAmount(item) ? undefined : item.category;
}

/** A text in lower case and without accents, for comparisons. */
function plain(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().replaceAll('ß', 'ss');
}
