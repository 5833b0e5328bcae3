import { describe, expect, test } from '@jest/globals';
import { commandFor, readSettings } from './settings.js';

describe('the flags of a chaos run', () => {
  test('have defaults, with a new seed for every run', () => {
    const [one, other] = [readSettings([]), readSettings([])];
    expect(one).toMatchObject({ pair: { broker: 'jetstream', store: 'sqlite' }, minutes: 1 });
    expect(one.seed).not.toBe(other.seed);
  });

  test('are printed in the command that repeats the run', () => {
    const asked = ['--minutes', '20', '--seed', '7', '--broker', 'kafka', '--store', 'mongodb'];
    const settings = readSettings(asked);
    const [, flags = ''] = commandFor(settings).split(' -- ');
    expect(readSettings(flags.split(' '))).toEqual(settings);
  });

  test.each([
    [['--minutes', '0']],
    [['--minutes', 'x']],
    [['--minutes', '']],
    [['--seed', '1.5']],
    [['--seed', '-1']],
    [['--speed', '1']],
    [['--broker', '']],
  ])('%j are refused', (args) => {
    expect(() => readSettings(args)).toThrow();
  });
});
