import { exists } from '../programs/exists.js';
import { projectRoot } from '../project-root.js';
import { exitCodes } from './exit-codes.js';
import { runInForeground } from '../programs/run-in-foreground.js';

export type JestRun = {
  projects: readonly string[];
  /** What a person added to the command. */
  args?: readonly string[];
  /** Where Jest's report goes. */
  report: string;
  env?: Readonly<Record<string, string>>;
  flags?: readonly string[];
};

/** Jest ends by itself once nothing is open any more; what needs longer has been forgotten. */
const endsAfterReportWithinMs = 30_000;
const reportAskedEveryMs = 1_000;

/**
 * Runs tests with Jest and resolves to its exit code. A run that has reported and does not end, because a test left something
 * open, is ended with a message and counts as failed.
 */
export async function runJest({
  projects,
  args = [],
  report,
  env = {},
  flags = [],
}: JestRun): Promise<number> {
  // A filter may well match tests of one part only.
  const lenient = args.length > 0 ? ['--passWithNoTests'] : [];
  const jest = [
    'node_modules/jest/bin/jest.js',
    ...args,
    ...lenient,
    ...flags,
    '--json',
    `--outputFile=${report}`,
    '--selectProjects',
    ...projects,
  ];
  // Jest's ES modules need the flag, and without the other every worker warns about it.
  const node = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const overdue = new AbortController();
  const watch = watchForReport(report, () => {
    overdue.abort();
  });
  const code = await runInForeground(process.execPath, [...node, ...jest], {
    cwd: projectRoot,
    env: { ...process.env, ...env },
    signal: overdue.signal,
  });
  clearInterval(watch);
  if (!overdue.signal.aborted) return code;
  console.error(
    `Jest had reported and did not end within ${endsAfterReportWithinMs / 1_000} s: a test left something open. It was ended.`,
  );
  return exitCodes.failed;
}

function watchForReport(report: string, onOverdue: () => void): NodeJS.Timeout {
  let reportedAtMs: number | undefined;
  return setInterval(() => {
    void exists(report).then((isThere) => {
      if (!isThere) return;
      reportedAtMs ??= performance.now();
      if (performance.now() - reportedAtMs > endsAfterReportWithinMs) onOverdue();
    });
  }, reportAskedEveryMs);
}
