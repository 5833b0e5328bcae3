import { expect, test } from '@jest/globals';
import { readCatalogue } from './catalogue.js';
import { searchCatalogue } from './search-catalogue.js';

const catalogue = await readCatalogue(new URL('../../catalogue.json', import.meta.url));

const search = (words: string, category?: string) =>
  searchCatalogue(catalogue, { words, category }, { language: 'en', currency: 'EUR' }).map(({ sku }) => sku);

test.each([
  ['a word of their title, in any case', 'TEAPOT', ['teapot']],
  ['a word of their description', 'sencha', ['green-tea']],
  ['every word, in any text', 'tin harvest tea', ['green-tea']],
  ['the title of their category', 'kitchen honey', ['honey']],
])('finds items by %s', (_description, words, skus) => {
  expect(search(words)).toEqual(skus);
});

test('finds everything without words, and the products of a category', () => {
  expect(search('')).toHaveLength(catalogue.products.length + 1);
  expect(search('', 'desk')).toEqual(['notebook', 'fountain-pen', 'desk-lamp']);
});
