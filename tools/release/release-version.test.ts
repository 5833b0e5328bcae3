import { expect, test } from '@jest/globals';
import { compareVersions, isReleaseVersion, versionOfTag } from './release-version.js';

test.each([
  ['v0.1.0', '0.1.0'],
  ['v10.20.30', '10.20.30'],
])('%s is the release %s', (tag, version) => {
  expect(versionOfTag(tag)).toBe(version);
});

test.each(['v1.0.0-rc.1', 'v1.0.0-0', 'v1.0.0+build'])('%s is refused as a pre-release', (tag) => {
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
])('%j is no tag of a release', (tag) => {
  expect(() => versionOfTag(tag)).toThrow('is not the name of a release');
});

test('a version that holds a line break is none', () => {
  expect(isReleaseVersion('1.0.0\n')).toBe(false);
});

test.each([
  ['1.10.0', '1.9.0', 1],
  ['2.0.0', '1.99.99', 1],
  ['1.0.0', '1.0.1', -1],
  ['1.2.3', '1.2.3', 0],
])('%s against %s: %i', (one, other, sign) => {
  expect(Math.sign(compareVersions(one, other))).toBe(sign);
});
