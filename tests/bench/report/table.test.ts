import { describe, expect, test } from '@jest/globals';
import { figureColumns, renderTable } from './table.js';

describe('a table', () => {
  test('with texts of several lengths: is padded, names to the left and figures to the right', () => {
    const table = renderTable(figureColumns('Clients', 'a second'), [
      ['1', '9'],
      ['64, more or less', '1000'],
    ]);
    expect(table.split('\n')).toEqual([
      '| Clients          | a second |',
      '| ---------------- | -------: |',
      '| 1                |        9 |',
      '| 64, more or less |     1000 |',
    ]);
  });

  test('with very short texts: has columns as wide as Markdown needs', () => {
    expect(renderTable(figureColumns('a', 'b'), [['1', '2']]).split('\n')).toEqual([
      '| a   |   b |',
      '| --- | --: |',
      '| 1   |   2 |',
    ]);
  });

  test('with a row that is too short: leaves the missing cells empty', () => {
    expect(renderTable(figureColumns('abc', 'def'), [['1']])).toContain('| 1   |     |');
  });
});
