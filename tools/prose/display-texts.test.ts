import { expect, test } from '@jest/globals';
import { displayTextsOf } from './display-texts.js';

test('finds every text with its place, whether it is a literal or a template', () => {
  const source = [
    "import type { Texts } from './languages.js';",
    '/** A comment is no display text. */',
    'export const english = {',
    "  title: 'Your basket',",
    '  added: (title: string) => `${title} is in your\n basket.`,',
    '};',
  ].join('\n');
  expect(displayTextsOf(source)).toEqual([
    { text: 'Your basket', line: 4, column: 11 },
    { text: 'X is in your basket.', line: 5, column: 30 },
  ]);
});

test('leaves out names of properties, types and empty texts', () => {
  const source = "const texts: Record<'a-code', string> = { 'a-code': '', b: 'Text' };";
  expect(displayTextsOf(source).map(({ text }) => text)).toEqual(['Text']);
});

test('reads texts inside of templates as well', () => {
  expect(
    displayTextsOf("const text = `A ${isOne ? 'shop' : `pair of ${shops}`}.`;").map(({ text }) => text),
  ).toEqual(['A X.', 'shop', 'pair of X']);
});
