import { describe, expect, test } from '@jest/globals';
import { runProgram } from '@unity-purchase/tools';
import { environmentWithClock } from './wrong-clock.js';

const hourMs = 60 * 60 * 1000;

describe('a process with a wrong clock', () => {
  test.each([hourMs, -hourMs])('is ahead by %i ms in every way of asking for the time', async (aheadMs) => {
    const script =
      'console.log(JSON.stringify([Date.now(), new Date().getTime(), Date.parse(Date()), new Date(5).getTime(), new Date() instanceof Date]))';
    const printed = await runProgram(process.execPath, ['--eval', script], {
      env: { ...process.env, ...environmentWithClock(aheadMs) },
    });
    const [...times] = JSON.parse(printed) as [number, number, number, number, boolean];
    const [called, constructed, text, given, isDate] = times;
    const expectedMs = Date.now() + aheadMs;
    for (const ms of [called, constructed, text]) expect(Math.abs(ms - expectedMs)).toBeLessThan(hourMs / 2);
    expect([given, isDate]).toEqual([5, true]);
  });
});
