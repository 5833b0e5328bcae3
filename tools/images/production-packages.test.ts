import { describe, expect, test } from '@jest/globals';
import { productionPackages } from './production-packages.js';

const lock = JSON.stringify({
  packages: {
    '': { devDependencies: { compiler: '5.0.0' } },
    shop: { dependencies: { kit: '1.0.0', web: '2.0.0' } },
    kit: { dependencies: { web: '1.0.0' }, devDependencies: { compiler: '5.0.0' } },
    other: { dependencies: { driver: '1.0.0' } },
    'node_modules/kit': { resolved: 'kit', link: true },
    'node_modules/web': {
      version: '2.0.0',
      dependencies: { parts: '1.0.0' },
      peerDependencies: { absent: '*' },
    },
    'node_modules/parts': { version: '1.0.0', optionalDependencies: { web: '2.0.0' } },
    'kit/node_modules/web': { version: '1.0.0' },
    'node_modules/compiler': { version: '5.0.0', dev: true },
    'node_modules/driver': { version: '1.0.0' },
  },
});

describe('productionPackages', () => {
  test('of a workspace are what it and the workspaces it uses need, each as Node finds it from there', () => {
    expect([...productionPackages(lock, 'shop')].sort()).toEqual([
      ['kit/node_modules/web', '1.0.0'],
      ['node_modules/parts', '1.0.0'],
      ['node_modules/web', '2.0.0'],
    ]);
  });

  test('are neither what only developers use nor what another service needs', () => {
    expect([...productionPackages(lock, 'shop').keys()].join()).not.toMatch(/compiler|driver/);
  });

  test('of a workspace that the lock file does not have are an error', () => {
    expect(() => productionPackages(lock, 'nobody')).toThrow('nobody');
  });
});
