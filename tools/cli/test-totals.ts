import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { errorText } from '../programs/error-text.js';
import { exitCodes } from './exit-codes.js';

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

/**
 * Gives `run` a folder for its reports, and says at the end what they add up to. Resolves to the exit code that `run` gives,
 * or to that of a failure, with its message, when it rejects.
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
