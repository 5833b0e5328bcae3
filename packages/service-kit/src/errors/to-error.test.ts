import { createContext, runInContext } from 'node:vm';
import { expect, test } from '@jest/globals';
import { toError } from './to-error.js';

test('toError keeps what an error of another realm says', () => {
  const foreign: unknown = runInContext(
    'Object.assign(new TypeError("no"), { code: "E_NO" })',
    createContext(),
  );
  expect(foreign instanceof Error).toBe(false);
  expect(toError(foreign)).toMatchObject({ name: 'TypeError', message: 'no', code: 'E_NO' });
  expect(toError(foreign)).toBeInstanceOf(Error);
});

test.each([undefined, null, 'text', 42, {}])('toError of %j is an error', (thrown) => {
  expect(toError(thrown)).toBeInstanceOf(Error);
});
