import type { Currency } from '@unity-purchase/contracts';
import { isAnyAmount, isSoldIn, textIn, type AnyAmount, type Catalogue, type Product } from './catalogue.js';

/** A search: words, all of which must occur, and a category. Both are optional. */
export type CatalogueQuery = { words: string; category: string | undefined };

type Item = Product | AnyAmount;

/**
 * The items that match a search and have a price in the currency, in the order of the catalogue. The comparison ignores case,
 * accents and plural endings, and takes `ue` for `ü`. It uses the texts and keywords in the given language.
 */
export function searchCatalogue(
  catalogue: Catalogue,
  { words: typed, category }: CatalogueQuery,
  { language, currency }: { language: string; currency: Currency },
): Item[] {
  const { products, anyAmount } = catalogue;
  const items = anyAmount === undefined ? products : [...products, anyAmount];
  const wanted = wordsIn(typed);
  return items.filter((item) => {
    if (category !== undefined && categoryOf(item) !== category) return false;
    if (!isSoldIn(item, currency)) return false;
    const words = wordsIn(searchedTexts(item, catalogue, language).join(' '));
    return wanted.every((word) => formsOf(word).some((form) => words.some((each) => contains(each, form))));
  });
}

/** The texts of an item that a search looks through: its title, description and keywords, and the title of its category. */
function searchedTexts(item: Item, { categories }: Catalogue, language: string): string[] {
  const ofCategory = categories.filter(({ id }) => id === categoryOf(item)).map(({ title }) => title);
  const keywords = item.keywords === undefined ? [] : [item.keywords];
  return [item.title, item.description, ...keywords, ...ofCategory].map((text) => textIn(text, language));
}

/** The item with any amount belongs to no category. */
function categoryOf(item: Item): string | undefined {
  return isAnyAmount(item) ? undefined : item.category;
}

function wordsIn(text: string): string[] {
  return plain(text)
    .split(/[\s,;.]+/)
    .filter(Boolean);
}

/** Plural endings in the languages of the shop, the longest first. */
const endings = ['en', 'es', 'er', 'e', 'n', 's'];

/** Shorter parts occur in the middle of too many words. */
const partLengthMin = 3;

/** Whether a word contains a part, as German compounds do: `Olivenöl` contains `Öl`. */
function contains(word: string, part: string): boolean {
  return part.length < partLengthMin ? word.startsWith(part) || word.endsWith(part) : word.includes(part);
}

/** A word, and what is left of it without a plural ending: `mugs` also finds `mug`. */
function formsOf(word: string): string[] {
  const stems = endings
    .filter((ending) => word.endsWith(ending))
    .map((ending) => word.slice(0, -ending.length));
  return [word, ...stems.filter((stem) => stem.length >= partLengthMin)];
}

const umlauts: Readonly<Record<string, string>> = { ae: 'a', oe: 'o', ue: 'u', ß: 'ss' };

/**
 * A text for comparisons: in lower case and without accents. Two letters that stand for an umlaut become one, in what is typed as well
 * as in the texts, so `Küche`, `kueche` and `kuche` are the same.
 */
function plain(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[aou]e|ß/g, (letters) => umlauts[letters] ?? letters);
}
