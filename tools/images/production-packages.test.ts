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
  test('returns the packages of a workspace and of the workspaces it uses, as Node resolves them', () => {
    expect([...productionPackages(lock, 'shop')].sort()).toEqual([
      ['kit/node_modules/web', '1.0.0'],
      ['node_modules/parts', '1.0.0'],
      ['node_modules/web', '2.0.0'],
    ]);
  });

  test('leaves out development dependencies and the packages of other services', () => {
    expect([...productionPackages(lock, 'shop').keys()].join()).not.toMatch(/compiler|driver/);
  });

  test('throws for a workspace that the lock file does not contain', () => {
    expect(() => productionPackages(lock, 'missing')).toThrow('missing');
  });
});
