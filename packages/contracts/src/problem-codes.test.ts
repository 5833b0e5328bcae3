import { describe, expect, test } from '@jest/globals';
import { isProblemCode, problemCodes } from './problem-codes.js';
import { problemDetailsSchema } from './problem-details.js';

describe('problemCodes', () => {
  test.each(Object.entries(problemCodes))(
    'gives %s a code in kebab case, an error status and a sentence',
    (code, { status, meaning }) => {
      expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/);
      expect(problemDetailsSchema.shape.status.safeParse(status).success).toBe(true);
      expect(meaning).toMatch(/^[A-Z][^\n]*\.$/);
    },
  );

  test('gives every code a meaning of its own', () => {
    const meanings = Object.values(problemCodes).map(({ meaning }) => meaning);
    expect(new Set(meanings).size).toBe(meanings.length);
  });
});

test('isProblemCode accepts the codes of the table only', () => {
  expect(Object.keys(problemCodes).every(isProblemCode)).toBe(true);
  expect(['', 'Busy', 'toString', 'no-such-code'].some(isProblemCode)).toBe(false);
});
