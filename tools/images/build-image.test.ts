import { describe, expect, test } from '@jest/globals';
import { buildxArguments, podmanBuildArguments, type ImageBuild } from './build-image.js';

const build: ImageBuild = {
  service: 'storefront',
  origin: { version: '1.2.3', revision: 'c0ffee', committedAt: 1_700_000_000 },
  npmSettings: '/somewhere/npmrc',
};

describe.each([
  ['podman', podmanBuildArguments(build)],
  ['docker', buildxArguments(build, 'storefront.tar')],
])('a build with %s', (_builder, args) => {
  test('says what the image is and where it comes from, by the time of the commit', () => {
    expect(args).toEqual(
      expect.arrayContaining([
        'ghcr.io/unity-purchase/storefront:1.2.3',
        'SERVICE=storefront',
        'VERSION=1.2.3',
        'REVISION=c0ffee',
        'CREATED=2023-11-14T22:13:20Z',
      ]),
    );
  });

  test('gives everything in the image that time', () => {
    expect(args.join(' ')).toMatch(/--timestamp 1700000000|SOURCE_DATE_EPOCH=1700000000.*/);
  });

  test('hands npm settings over as a secret, which no layer keeps', () => {
    expect(args).toContain('id=npmrc,src=/somewhere/npmrc');
    expect(args.filter((argument) => argument.includes('npmrc'))).toHaveLength(1);
  });
});
