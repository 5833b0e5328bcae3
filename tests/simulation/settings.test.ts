import { describe, expect, test } from '@jest/globals';
import { readSettings } from './settings.js';

describe('the options of a simulation', () => {
  test('have defaults, with a new seed for every run', () => {
    const [one, other] = [readSettings([]), readSettings([])];
    expect(one).toMatchObject({ schedules: 20_000, all: false });
    expect(one.firstSeed).not.toBe(other.firstSeed);
  });

  test('choose a number of schedules or a time, and the first seed', () => {
    expect(readSettings(['--schedules', '5', '--seed', '7'])).toEqual({
      schedules: 5,
      firstSeed: 7,
      all: false,
    });
    expect(readSettings(['--minutes', '60', '--seed', '7', '--all'])).toEqual({
      minutes: 60,
      firstSeed: 7,
      all: true,
    });
  });

  test.each([
    [['--minutes', '0']],
    [['--schedules', '1.5']],
    [['--schedules', '']],
    [['--seed', '-1']],
    [['--minutes', '1', '--schedules', '1']],
    [['--speed', '1']],
  ])('%j are refused', (args) => {
    expect(() => readSettings(args)).toThrow();
  });
});
