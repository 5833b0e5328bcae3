import { describe, expect, test } from '@jest/globals';
import { Choices } from './choices.js';

const some = (choices: Choices) => [
  ...Array.from({ length: 20 }, () => choices.below(7)),
  choices.chance(0.5),
  choices.oneOf(['one', 'other']),
];

describe('choices', () => {
  test('are the same for the same seed and differ between seeds', () => {
    expect(some(Choices.fromSeed(7))).toEqual(some(Choices.fromSeed(7)));
    expect(some(Choices.fromSeed(7))).not.toEqual(some(Choices.fromSeed(8)));
  });

  test('repeat from the list of what was chosen', () => {
    const first = Choices.fromSeed(7);
    const chosen = some(first);
    const again = Choices.repeating(first.made);
    expect(some(again)).toEqual(chosen);
    expect(again.made).toEqual(first.made);
  });

  test('are harmless after the end of the list', () => {
    const choices = Choices.repeating([]);
    expect(Choices.repeating([1]).chance(0)).toBe(false);
    expect([choices.below(5), choices.chance(1), choices.oneOf(['first', 'second'])]).toEqual([
      0,
      false,
      'first',
    ]);
  });

  test('with one possibility are not recorded', () => {
    const choices = Choices.fromSeed(1);
    expect(choices.below(1)).toBe(0);
    expect(choices.chance(0)).toBe(false);
    expect(choices.made).toEqual([]);
  });
});
