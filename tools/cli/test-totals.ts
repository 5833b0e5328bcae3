import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { errorText } from '../programs/error-text.js';
import { exitCodes } from './exit-codes.js';

/** The totals in Jest's report (https://jestjs.io/docs/cli#--json). */
const reportSchema = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
});

/** The sum of all reports in a folder, as one line: `12 passed, 0 failed, 1 skipped`. */
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

/**
 * Calls `run` with a folder for its reports and prints their sum at the end. Resolves to the exit code that `run` resolves to;
 * when `run` rejects, it prints the message and resolves to 1.
 */
export async function totalling(run: (reports: string) => Promise<number>): Promise<number> {
  const reports = await mkdtemp(join(tmpdir(), 'unity-purchase-tests-'));
  try {
    return await run(reports);
  } catch (error) {
    console.error(errorText(error));
    return exitCodes.failed;
  } finally {
    console.log(`\n${await readTotals(reports)}`);
    await rm(reports, { recursive: true });
  }
}
