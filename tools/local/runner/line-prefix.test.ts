import { describe, expect, test } from '@jest/globals';
import { createLinePrefix } from './line-prefix.js';

describe('line prefix', () => {
  test('pads names of different length, so that all lines start in one column', () => {
    const prefix = createLinePrefix(['broker', 'storefront'], false);
    expect(prefix('broker', 'up')).toBe('broker     | up');
    expect(prefix('storefront', 'up')).toBe('storefront | up');
  });

  test('widens the column when a longer name appears', () => {
    const prefix = createLinePrefix(['broker'], false);
    prefix('purchase-service', 'up');
    expect(prefix('broker', 'up')).toBe('broker           | up');
  });

  test('gives each name its own colour on a terminal', () => {
    const prefix = createLinePrefix(['a', 'b'], true);
    const colourOf = (line: string) => line.slice(0, line.indexOf('m') + 1);
    expect(colourOf(prefix('a', 'x'))).not.toBe(colourOf(prefix('b', 'x')));
    expect(colourOf(prefix('a', 'x'))).toBe(colourOf(prefix('a', 'y')));
    expect(prefix('a', 'x')).toContain('\u001b[0m x');
  });
});
