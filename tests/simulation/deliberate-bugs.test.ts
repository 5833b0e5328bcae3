import { describe, expect, test } from '@jest/globals';
import { projectRoot } from '@unity-purchase/tools';
import { deliberateBugs } from './deliberate-bugs.js';
import { copyWith } from './mutated-copy.js';
import { runSchedules } from './run-schedules.js';

const schedulesMax = 4000;

describe('the simulation finds that', () => {
  test.each(deliberateBugs)('$bug', async ({ bug: _bug, breaks, ...mutation }) => {
    await using copy = await copyWith(projectRoot, [mutation]);
    const { findings } = await runSchedules({
      root: copy.folder,
      firstSeed: 1,
      goesOn: (started) => started < schedulesMax,
      stopsAtFirst: true,
      // The test does not read these stories.
      simplifyingMsMax: 0,
      promises: breaks,
    });
    expect(findings).toHaveLength(1);
  });
});
