import { expect, test } from '@jest/globals';
import { operatorName } from './operator-name.js';

test.each([
  ['the user of the operating system', {}, 'grace'],
  ['the user of the operating system if OPERATOR_NAME is empty', { OPERATOR_NAME: ' ' }, 'grace'],
  ['OPERATOR_NAME if it is set', { OPERATOR_NAME: ' Grace Hopper ' }, 'Grace Hopper'],
])('the name in the audit log is %s', (_what, env, name) => {
  expect(operatorName(env, () => 'grace')).toBe(name);
});

test('there is no name for a user without one', () => {
  expect(operatorName({}, () => undefined)).toBeUndefined();
});
