import { expect, test } from '@jest/globals';
import { compareVersions, isReleaseVersion, versionOfTag } from './release-version.js';

test.each([
  ['v0.1.0', '0.1.0'],
  ['v10.20.30', '10.20.30'],
])('versionOfTag reads the tag %s as version %s', (tag, version) => {
  expect(versionOfTag(tag)).toBe(version);
});

test.each(['v1.0.0-rc.1', 'v1.0.0-0', 'v1.0.0+build'])('versionOfTag rejects %s as a pre-release', (tag) => {
  expect(() => versionOfTag(tag)).toThrow('is a pre-release');
});

test.each([
  '',
  'v',
  '1.0.0',
  'v1.0',
  'v1.0.0.0',
  'v01.0.0',
  'v1.0.0 ',
  'v1.0.0\n',
  'V1.0.0',
  'v1.0.٣',
  `v${'9'.repeat(400)}.0.0`,
])('versionOfTag rejects %j, which is not a release tag', (tag) => {
  expect(() => versionOfTag(tag)).toThrow('is not the name of a release');
});

test('isReleaseVersion rejects a version with a line break', () => {
  expect(isReleaseVersion('1.0.0\n')).toBe(false);
});

test.each([
  ['1.10.0', '1.9.0', 1],
  ['2.0.0', '1.99.99', 1],
  ['1.0.0', '1.0.1', -1],
  ['1.2.3', '1.2.3', 0],
])('compareVersions(%s, %s) has the sign %i', (one, other, sign) => {
  expect(Math.sign(compareVersions(one, other))).toBe(sign);
});
