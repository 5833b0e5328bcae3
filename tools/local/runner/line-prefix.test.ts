import { describe, expect, test } from '@jest/globals';
import { createLinePrefix } from './line-prefix.js';

describe('line prefix', () => {
  test('names of different length are padded, so that the lines begin in one column', () => {
    const prefix = createLinePrefix(['broker', 'storefront'], false);
    expect(prefix('broker', 'up')).toBe('broker     | up');
    expect(prefix('storefront', 'up')).toBe('storefront | up');
  });

  test('a longer name that comes later widens the column from then on', () => {
    const prefix = createLinePrefix(['broker'], false);
    prefix('purchase-service', 'up');
    expect(prefix('broker', 'up')).toBe('broker           | up');
  });

  test('on a terminal two names have two colours, and a name keeps its own', () => {
    const prefix = createLinePrefix(['a', 'b'], true);
    const colourOf = (line: string) => line.slice(0, line.indexOf('m') + 1);
    expect(colourOf(prefix('a', 'x'))).not.toBe(colourOf(prefix('b', 'x')));
    expect(colourOf(prefix('a', 'x'))).toBe(colourOf(prefix('a', 'y')));
    expect(prefix('a', 'x')).toContain('\u001b[0m x');
  });
});
