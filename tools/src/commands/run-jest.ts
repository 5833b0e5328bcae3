import { projectRoot } from '../project-root.js';
import { runInForeground } from './run-in-foreground.js';

export type JestRun = {
  projects: readonly string[];
  /** What a person added to the command. */
  args?: readonly string[];
  /** Where Jest's report goes. */
  report: string;
  env?: Readonly<Record<string, string>>;
  flags?: readonly string[];
};

/** Runs tests with Jest and resolves to its exit code. */
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
  return runInForeground(process.execPath, [...node, ...jest], {
    cwd: projectRoot,
    env: { ...process.env, ...env },
  });
}
