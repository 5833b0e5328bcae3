import { describe, expect, test } from '@jest/globals';
import { decideRollout } from './rollout.js';
import type { DeployedImages, Digests } from './deployed-images.js';

const digestsOf = (character: string): Digests => ({
  storefront: `sha256:${character.repeat(64)}`,
  'purchase-service': `sha256:${character.repeat(64)}`,
});

const deployed = (storefront: string, purchaseService = storefront, digests?: Digests): DeployedImages => ({
  storefront: { repository: 'ghcr.io/shop/storefront', version: storefront, digest: digests?.storefront },
  'purchase-service': {
    repository: 'ghcr.io/shop/purchase-service',
    version: purchaseService,
    digest: digests?.['purchase-service'],
  },
});

const target = { version: '1.2.0', digests: digestsOf('a') };

describe('decideRollout', () => {
  test.each([
    ['an older version that has no digests yet', deployed('0.1.0')],
    ['an older version', deployed('1.1.9', '1.1.9', digestsOf('b'))],
    ['the same version without digests', deployed('1.2.0')],
    ['two different versions after an incomplete manual change', deployed('1.2.0', '1.1.0')],
  ])('rolls out over %s', (_deployed, now) => {
    expect(decideRollout(now, { ...target, kind: 'release' })).toBe('roll out');
  });

  test.each(['release', 'rollback'] as const)(
    'has nothing to do for a %s to the deployed version',
    (kind) => {
      expect(decideRollout(deployed('1.2.0', '1.2.0', digestsOf('a')), { ...target, kind })).toBe(
        'already deployed',
      );
    },
  );

  test.each(['release', 'rollback'] as const)(
    'rejects a %s to the same version with other digests',
    (kind) => {
      expect(() => decideRollout(deployed('1.2.0', '1.2.0', digestsOf('b')), { ...target, kind })).toThrow(
        'A released version never changes',
      );
    },
  );

  test.each([
    ['both images', deployed('1.10.0')],
    ['one of them', deployed('1.1.0', '1.2.1')],
  ])('rejects a release that is older than %s, and allows a rollback to it', (_deployed, now) => {
    expect(() => decideRollout(now, { ...target, kind: 'release' })).toThrow('rollback --to 1.2.0');
    expect(decideRollout(now, { ...target, kind: 'rollback' })).toBe('roll out');
  });

  test('rejects a rollback to a newer version', () => {
    expect(() => decideRollout(deployed('1.1.0'), { ...target, kind: 'rollback' })).toThrow(
      'bump --tag v1.2.0',
    );
  });
});
