import { describe, expect, test } from '@jest/globals';
import { figureColumns, renderTable } from './table.js';

describe('a table', () => {
  test('pads its columns, names to the left and figures to the right', () => {
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

  test('keeps the minimum column width of Markdown for very short texts', () => {
    expect(renderTable(figureColumns('a', 'b'), [['1', '2']]).split('\n')).toEqual([
      '| a   |   b |',
      '| --- | --: |',
      '| 1   |   2 |',
    ]);
  });

  test('leaves missing cells of a short row empty', () => {
    expect(renderTable(figureColumns('abc', 'def'), [['1']])).toContain('| 1   |     |');
  });
});
