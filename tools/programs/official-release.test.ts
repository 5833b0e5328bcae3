import { describe, expect, test } from '@jest/globals';
import { checksumOf } from './official-release.js';

const a = 'a'.repeat(64);
const b = 'B'.repeat(64);

describe('reading published checksums', () => {
  test('of several files the one asked for is found, whatever folder it is listed under', () => {
    const text = `${a}  ./other.tar.gz\n${b} *dist/wanted.tar.gz\n`;
    expect(checksumOf('wanted.tar.gz', text)).toBe('b'.repeat(64));
  });

  test('a lone checksum without a name is taken', () => {
    expect(checksumOf('wanted.tar.gz', `${a}\n`)).toBe(a);
  });

  test('a list that does not mention the file is refused', () => {
    expect(() => checksumOf('wanted.tar.gz', `${a}  other.tar.gz\n`)).toThrow('do not mention wanted.tar.gz');
  });

  test('an error page instead of checksums is refused', () => {
    expect(() => checksumOf('wanted.tar.gz', '<html>wanted.tar.gz</html>')).toThrow('do not mention');
  });
});
