import { createContext, runInContext } from 'node:vm';
import { expect, test } from '@jest/globals';
import { toError } from './to-error.js';

test('toError keeps name, message and code of an error from another realm', () => {
  const foreign: unknown = runInContext(
    'Object.assign(new TypeError("no"), { code: "E_NO" })',
    createContext(),
  );
  expect(foreign instanceof Error).toBe(false);
  expect(toError(foreign)).toMatchObject({ name: 'TypeError', message: 'no', code: 'E_NO' });
  expect(toError(foreign)).toBeInstanceOf(Error);
});

test.each([undefined, null, 'text', 42, {}])('toError turns %j into an error', (thrown) => {
  expect(toError(thrown)).toBeInstanceOf(Error);
});
