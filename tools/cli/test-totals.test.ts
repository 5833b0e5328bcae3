import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { readTotals } from './test-totals.js';

test('readTotals adds up the reports in a folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'totals-'));
  expect(await readTotals(folder)).toBe('0 passed, 0 failed, 0 skipped');
  await writeFile(join(folder, 'a.json'), '{"numPassedTests":3,"numFailedTests":1,"numPendingTests":0}');
  await writeFile(join(folder, 'b.json'), '{"numPassedTests":4,"numFailedTests":0,"numPendingTests":2}');
  expect(await readTotals(folder)).toBe('7 passed, 1 failed, 2 skipped');
  await rm(folder, { recursive: true });
});
