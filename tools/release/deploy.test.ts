import { describe, expect, test } from '@jest/globals';
import { decide } from './deploy.js';
import type { Deployed, Digests } from './overlay.js';

const digestsOf = (character: string): Digests => ({
  storefront: `sha256:${character.repeat(64)}`,
  'purchase-service': `sha256:${character.repeat(64)}`,
});

const deployed = (storefront: string, purchaseService = storefront, digests?: Digests): Deployed => ({
  storefront: { repository: 'ghcr.io/shop/storefront', version: storefront, digest: digests?.storefront },
  'purchase-service': {
    repository: 'ghcr.io/shop/purchase-service',
    version: purchaseService,
    digest: digests?.['purchase-service'],
  },
});

const wanted = { version: '1.2.0', digests: digestsOf('a') };

describe('decide', () => {
  test.each([
    ['an older version, for the first time with digests', deployed('0.1.0')],
    ['an older version', deployed('1.1.9', '1.1.9', digestsOf('b'))],
    ['the same version, as it was before there were digests', deployed('1.2.0')],
    ['one image of an older version, from half a change by hand', deployed('1.2.0', '1.1.0')],
  ])('deploys over %s', (_what, now) => {
    expect(decide(now, { ...wanted, way: 'release' })).toBe('deploy');
  });

  test.each(['release', 'rollback'] as const)('has nothing to do for a %s to what is there', (way) => {
    expect(decide(deployed('1.2.0', '1.2.0', digestsOf('a')), { ...wanted, way })).toBe('already deployed');
  });

  test.each(['release', 'rollback'] as const)(
    'refuses a %s to the same version with other digests',
    (way) => {
      expect(() => decide(deployed('1.2.0', '1.2.0', digestsOf('b')), { ...wanted, way })).toThrow(
        'A released version never changes',
      );
    },
  );

  test.each([
    ['both images', deployed('1.10.0')],
    ['one of them', deployed('1.1.0', '1.2.1')],
  ])('refuses a release that is older than %s, and lets a rollback do it', (_what, now) => {
    expect(() => decide(now, { ...wanted, way: 'release' })).toThrow('rollback --to 1.2.0');
    expect(decide(now, { ...wanted, way: 'rollback' })).toBe('deploy');
  });

  test('refuses a rollback to what is newer', () => {
    expect(() => decide(deployed('1.1.0'), { ...wanted, way: 'rollback' })).toThrow('bump --tag v1.2.0');
  });
});
