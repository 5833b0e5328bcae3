import { describe, expect, test } from '@jest/globals';
import { checksumOf } from './official-release.js';

const a = 'a'.repeat(64);
const b = 'B'.repeat(64);

describe('checksumOf', () => {
  test('finds the checksum of a file in a list, whatever its folder', () => {
    const text = `${a}  ./other.tar.gz\n${b} *dist/wanted.tar.gz\n`;
    expect(checksumOf('wanted.tar.gz', text)).toBe('b'.repeat(64));
  });

  test('accepts a single checksum without a file name', () => {
    expect(checksumOf('wanted.tar.gz', `${a}\n`)).toBe(a);
  });

  test('throws for a list without the file', () => {
    expect(() => checksumOf('wanted.tar.gz', `${a}  other.tar.gz\n`)).toThrow('do not mention wanted.tar.gz');
  });

  test('throws for an error page instead of checksums', () => {
    expect(() => checksumOf('wanted.tar.gz', '<html>wanted.tar.gz</html>')).toThrow('do not mention');
  });
});
