import { describe, expect, test } from '@jest/globals';
import { figureText, numberText } from './figure-text.js';

describe('the text of a number', () => {
  test.each([
    [0.678, '0.68'],
    [9.994, '9.99'],
    [12.34, '12.3'],
    [1234.5, '1235'],
    [Number.NaN, '–'],
  ])('of %d: has as many digits as mean something, %s', (value, text) => {
    expect(numberText(value)).toBe(text);
  });
});

describe('the text of a figure', () => {
  test('of several rounds shows their range', () => {
    expect(figureText({ median: 800, min: 790, max: 812 })).toBe('800 (790–812)');
  });

  test('of one round is the number alone', () => {
    expect(figureText({ median: 800, min: 800, max: 800 })).toBe('800');
  });
});
