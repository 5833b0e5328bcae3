import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** The part of Jest's report that counts (https://jestjs.io/docs/cli#--json). */
const reportSchema = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
});

/** What all reports in a folder add up to, in one line: `12 passed, 0 failed, 1 skipped`. */
export async function readTotals(folder: string): Promise<string> {
  const totals = { passed: 0, failed: 0, skipped: 0 };
  for (const file of await readdir(folder)) {
    const report = reportSchema.parse(JSON.parse(await readFile(join(folder, file), 'utf8')));
    totals.passed += report.numPassedTests;
    totals.failed += report.numFailedTests;
    totals.skipped += report.numPendingTests;
  }
  return `${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`;
}
