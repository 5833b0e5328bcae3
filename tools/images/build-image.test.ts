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
  test('passes the name, version and origin of the image, with the time of the commit', () => {
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

  test('sets the time of everything in the image to that of the commit', () => {
    expect(args.join(' ')).toMatch(/--timestamp 1700000000|SOURCE_DATE_EPOCH=1700000000.*/);
  });

  test('passes the npm settings only as a secret, which no layer contains', () => {
    expect(args).toContain('id=npmrc,src=/somewhere/npmrc');
    expect(args.filter((argument) => argument.includes('npmrc'))).toHaveLength(1);
  });
});
