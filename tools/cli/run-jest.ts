import { exists } from '../programs/exists.js';
import { projectRoot } from '../project-root.js';
import { exitCodes } from './exit-codes.js';
import { runInForeground } from '../programs/run-in-foreground.js';

export type JestRun = {
  projects: readonly string[];
  /** The arguments that the user gave for Jest. */
  args?: readonly string[];
  /** The file for Jest's report. */
  report: string;
  env?: Readonly<Record<string, string>>;
  flags?: readonly string[];
};

/** Jest exits when no handle is open. After this time, a test has left one open. */
const exitTimeoutMs = 30_000;
const reportCheckMs = 1_000;

/**
 * Runs tests with Jest and resolves to its exit code. When Jest has written its report but does not exit, because a test left
 * a handle open, it is stopped with a message and the run counts as failed.
 */
export async function runJest({
  projects,
  args = [],
  report,
  env = {},
  flags = [],
}: JestRun): Promise<number> {
  // A filter may match tests of only one part.
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
  const node = [
    // Enables ES modules in Jest.
    '--experimental-vm-modules',
    // Silences the warning about them in every worker.
    '--disable-warning=ExperimentalWarning',
    // Each file loads all modules again. With the default of 16 MB, they are collected while they load.
    '--max-semi-space-size=64',
  ];
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
    `Jest was stopped: it did not exit within ${exitTimeoutMs / 1_000} s after its report, because a test left something open.`,
  );
  return exitCodes.failed;
}

function watchForReport(report: string, onOverdue: () => void): NodeJS.Timeout {
  let reportedAtMs: number | undefined;
  return setInterval(() => {
    void exists(report).then((isThere) => {
      if (!isThere) return;
      reportedAtMs ??= performance.now();
      if (performance.now() - reportedAtMs > exitTimeoutMs) onOverdue();
    });
  }, reportCheckMs);
}
