import { describe, expect, test } from '@jest/globals';
import { closureOf, parsePackageIndex } from './debian-packages.js';

const index = parsePackageIndex(
  [
    'Package: server\nVersion: 5:7.0.15-1\nDepends: libone (>= 1), adduser, libvirtual1 | libother, data\n',
    'Package: libone\nPre-Depends: libc6\nDepends: libtwo\n',
    'Package: libtwo\nDepends: libone, libcut1\n',
    'Package: libcut1\n',
    'Package: libreal\nProvides: libvirtual1 (= 1.0), somethingelse\n',
    'Package: adduser\n',
    'Package: data\nDepends: libnever\n',
    'Package: libnever\n',
    'Package: libc6\n',
  ].join('\n'),
);

const set = { roots: ['server'], follow: /^lib/, leave: /^(libc6|libcut1)$/ };

describe('the packages of a set', () => {
  test('are its roots and the dependencies that it follows, each once, also in a circle', () => {
    expect(closureOf(set, index)).toEqual(['libone', 'libreal', 'libtwo', 'server']);
  });

  test('are without those that it leaves, and without what only these need', () => {
    expect(closureOf({ ...set, leave: /^(libone|libreal)$/ }, index)).toEqual(['server']);
  });

  test('of which a root does not exist are refused, naming it', () => {
    expect(() => closureOf({ ...set, roots: ['server', 'gone'] }, index)).toThrow('there is no package gone');
  });
});
