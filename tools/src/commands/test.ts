import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorText } from '../error-text.js';
import { requireChromium } from '../install-chromium.js';
import { projectRoot } from '../project-root.js';
import { obtainTool } from '../runtime/obtain.js';
import { toolNames } from '../runtime/versions.js';
import { exitingOnInterrupts } from './interrupts.js';
import { runInForeground } from './run-in-foreground.js';
import { readTotals } from './test-totals.js';

/** Need nothing but the dependencies. */
const unitProjects = ['contracts', 'service-kit', 'storefront', 'purchase-service', 'tools', 'bench'];

/** Starts whole systems with a real browser: one test file after the other, because they would fight for two cores. */
const e2eProjects = ['e2e'];

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const unit = args.includes('--unit');
  const e2e = args.includes('--e2e');
  const both = unit === e2e;
  const forJest = args.filter((arg) => arg !== '--unit' && arg !== '--e2e');
  const reports = await mkdtemp(join(tmpdir(), 'unity-purchase-tests-'));
  try {
    const unitCode = both || unit ? await runJest(unitProjects, forJest, join(reports, 'unit.json')) : 0;
    if (unitCode !== 0) return unitCode;
    return both || e2e ? await runE2e(forJest, join(reports, 'e2e.json')) : 0;
  } catch (error) {
    console.error(errorText(error));
    return 1;
  } finally {
    console.log(`\n${await readTotals(reports)}`);
    await rm(reports, { recursive: true });
  }
}

async function runE2e(forJest: readonly string[], report: string): Promise<number> {
  await exitingOnInterrupts(async () => {
    for (const tool of toolNames) await obtainTool(tool);
  });
  const chromium = await requireChromium(projectRoot);
  return runJest(e2eProjects, forJest, report, { CHROMIUM_PATH: chromium }, ['--runInBand']);
}

async function runJest(
  projects: readonly string[],
  args: readonly string[],
  report: string,
  env: Readonly<Record<string, string>> = {},
  flags: readonly string[] = [],
): Promise<number> {
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
