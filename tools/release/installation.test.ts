import { describe, expect, test } from '@jest/globals';
import { hostOf, readInstallation } from './installation.js';

const complete = { REGISTRY: 'ghcr.io/shop/', BRANCH: 'main', PRODUCTION_BRANCH: 'production' };

const textOf = (values: Readonly<Record<string, string>>): string =>
  Object.entries(values)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');

describe('readInstallation', () => {
  test('reads the registry and the branch of production', () => {
    expect(readInstallation(textOf(complete))).toEqual({
      registry: 'ghcr.io/shop',
      productionBranch: 'production',
    });
  });

  test.each(Object.keys(complete))('names %s if it is missing', (name) => {
    expect(() => readInstallation(textOf({ ...complete, [name]: '' }))).toThrow(`does not set ${name}`);
  });

  test('refuses a branch for staging that releases do not change', () => {
    expect(() => readInstallation(textOf({ ...complete, BRANCH: 'trunk' }))).toThrow(
      /BRANCH=trunk.*Set BRANCH=main/,
    );
  });
});

test.each([
  ['ghcr.io/shop', 'ghcr.io'],
  ['127.0.0.1:5000/shop', '127.0.0.1:5000'],
])('the host of %s is %s', (registry, host) => {
  expect(hostOf(registry)).toBe(host);
});
