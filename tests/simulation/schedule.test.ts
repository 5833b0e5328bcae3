import { describe, expect, test } from '@jest/globals';
import { Choices } from './choices.js';
import { runSchedule } from './schedule.js';

async function storyOf(choices: Choices) {
  const story: string[] = [];
  const result = await runSchedule(choices, (line) => story.push(line));
  // The ids of attempts are random; nothing depends on them.
  return { ...result, story: story.map((line) => line.replaceAll(/"attempt":"[^…]*/g, '')) };
}

describe('a schedule', () => {
  test.each([1, 2, 3, 4, 5, 6])('of seed %i keeps every promise and repeats exactly', async (seed) => {
    const first = await storyOf(Choices.fromSeed(seed));
    expect(first.violations).toEqual([]);
    expect(await storyOf(Choices.fromSeed(seed))).toEqual(first);
    expect(await storyOf(Choices.repeating(first.choices))).toEqual(first);
  });

  test('without any choice is one purchase that goes well', async () => {
    const { violations, story } = await storyOf(Choices.repeating([]));
    expect(violations).toEqual([]);
    expect(story.filter((line) => line.includes('accepted'))).toHaveLength(1);
  });
});
