import { describe, expect, test } from '@jest/globals';
import { statusOf } from './debian-packages.js';

const index = [
  'Package: libc6\nVersion: 2.36-9\nPre-Depends: libgcc-s1\nDepends: libcrypt1\nBreaks: old\n',
  'Package: libc6-dev\nVersion: 2.36-9\n',
  'Package: libgdal36\nProvides: libgdal\nDepends: libpoppler, libxml2',
].join('\n');

describe('statusOf', () => {
  test('lists matching packages as installed and on hold, without their dependencies', () => {
    expect(statusOf(index, ['libc6', 'libgdal\\d+'])).toBe(
      [
        'Status: hold ok installed\nPackage: libc6\nVersion: 2.36-9\nBreaks: old\n\n',
        'Status: hold ok installed\nPackage: libgdal36\nProvides: libgdal\n\n',
      ].join(''),
    );
  });

  test('matches whole names only', () => {
    expect(statusOf(index, ['libc', 'gdal36'])).toBe('');
  });
});
