import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { VirtualClock } from './virtual-clock.js';

test('tasks run in the order of their times, whatever the order in which they were added', () =>
  fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 40 }), async (times) => {
      const clock = new VirtualClock();
      const ran: number[] = [];
      const all = times.map(async (ms) => {
        await clock.wait(ms);
        ran.push(clock.nowMs);
      });
      await clock.until(Promise.all(all));
      expect(ran).toEqual([...times].sort((one, other) => one - other));
    }),
    { numRuns: 50 },
  ));

test('what never happens is an error', async () => {
  await expect(new VirtualClock().until(new Promise(() => undefined))).rejects.toThrow('nothing is left');
});
