import { expect, test } from '@jest/globals';
import { readCatalogue } from './catalogue.js';
import { searchCatalogue } from './search-catalogue.js';

const catalogue = await readCatalogue(new URL('../../catalogue.json', import.meta.url));

const search = (words: string, category?: string, language = 'en') =>
  searchCatalogue(catalogue, { words, category }, { language, currency: 'EUR' }).map(({ sku }) => sku);

test.each([
  ['a word of their title, in any case', 'TEAPOT', ['teapot']],
  ['a word of their description', 'sencha', ['green-tea']],
  ['every word, in any text', 'tin harvest tea', ['green-tea']],
  ['the title of their category', 'kitchen honey', ['honey']],
  ['a keyword', 'cup', ['mug']],
  ['a plural', 'mugs', ['mug']],
  ['the plural of a keyword', 'cups', ['mug']],
  ['a plural with two letters more', 'blankets lambswools', ['wool-blanket']],
])('finds items by %s', (_description, words, skus) => {
  expect(search(words)).toEqual(skus);
});

test('finds everything without words, and the products of a category', () => {
  expect(search('')).toHaveLength(catalogue.products.length + 1);
  expect(search('', 'desk')).toEqual(['notebook', 'fountain-pen', 'desk-lamp']);
});

test.each([
  ['Küche', ['linen-towel', 'cast-iron-pan', 'olive-oil', 'honey']],
  ['kueche', ['linen-towel', 'cast-iron-pan', 'olive-oil', 'honey']],
  ['KUCHE', ['linen-towel', 'cast-iron-pan', 'olive-oil', 'honey']],
  ['Tassen', ['mug']],
  ['oel', ['olive-oil']],
  ['Gießen', ['teapot']],
  ['giessen', ['teapot']],
  ['Geschirrtuecher', ['linen-towel']],
])('finds what %j means in German', (words, skus) => {
  expect(search(words, undefined, 'de')).toEqual(skus);
});
