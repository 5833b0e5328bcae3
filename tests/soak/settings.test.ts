import { describe, expect, test } from '@jest/globals';
import { commandFor, readSettings } from './settings.js';

describe('the flags of a soak test', () => {
  test('have defaults, with a new seed for every run', () => {
    const [one, other] = [readSettings([]), readSettings([])];
    expect(one.minutes).toBe(60);
    expect(one.seed).not.toBe(other.seed);
  });

  test('are printed in the command that repeats the run', () => {
    const settings = readSettings(['--minutes', '0.5', '--seed', '7']);
    const [, flags = ''] = commandFor(settings).split(' -- ');
    expect(readSettings(flags.split(' '))).toEqual(settings);
  });

  test.each([[['--minutes', '0']], [['--seed', '1.5']], [['--speed', '1']]])('%j are refused', (args) => {
    expect(() => readSettings(args)).toThrow();
  });
});
