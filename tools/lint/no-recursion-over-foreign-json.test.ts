import { expect, test } from '@jest/globals';
import { Linter } from 'eslint';
import tseslint from 'typescript-eslint';
import { noRecursionOverForeignJson } from './no-recursion-over-foreign-json.js';

function problemsIn(code: string): string[] {
  const messages = new Linter().verify(
    code,
    [
      {
        files: ['**/*.ts'],
        languageOptions: { parser: tseslint.parser },
        plugins: { local: { rules: { recursion: noRecursionOverForeignJson } } },
        rules: { 'local/recursion': 'error' },
      },
    ],
    'code.ts',
  );
  return messages.map(({ message }) => message);
}

test.each([
  'function strings(value: unknown): string[] { return Object.values(value).flatMap(strings); }',
  'const depth = (value: Record<string, unknown>): number => 1 + depth(value.inner);',
  'const depth = function (value: unknown[]) { return depth(value[0]); };',
])('finds a function that visits foreign JSON by calling itself: %s', (code) => {
  expect(problemsIn(code)).toHaveLength(1);
});

test.each([
  'function strings(value: unknown): string[] { return Object.values(value).flatMap(String); }',
  'function pages(hint: number): number { return hint > 9 ? hint : pages(hint + 1); }',
  'const read = (value: unknown) => parse(value);',
])('accepts other functions: %s', (code) => {
  expect(problemsIn(code)).toEqual([]);
});
