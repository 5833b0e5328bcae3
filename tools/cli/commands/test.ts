import { join } from 'node:path';
import { requireChromium } from '../../programs/install-chromium.js';
import { projectRoot } from '../../project-root.js';
import { obtainKubernetesProgram } from '../../programs/kubernetes-programs.js';
import { obtainTool } from '../../programs/obtain.js';
import { toolNames } from '../../programs/versions.js';
import { servers } from '../../local/servers/servers.js';
import { exitingOnInterrupts } from '../interrupts.js';
import { runJest } from '../run-jest.js';
import { totalling } from '../test-totals.js';

/** Need nothing but the dependencies. */
const unitProjects = [
  ...['contracts', 'service-kit', 'numbered-log', 'storefront', 'purchase-service', 'tools', 'bench'],
  'site',
];

/** Starts whole systems with a real browser: one test file after the other, because they would fight for two cores. */
const e2eProjects = ['e2e'];

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const unit = args.includes('--unit');
  const e2e = args.includes('--e2e');
  const both = unit === e2e;
  const forJest = args.filter((arg) => arg !== '--unit' && arg !== '--e2e');
  return totalling(async (reports) => {
    const unitCode =
      both || unit
        ? await runJest({ projects: unitProjects, args: forJest, report: join(reports, 'unit.json') })
        : 0;
    if (unitCode !== 0) return unitCode;
    return both || e2e ? await runE2e(forJest, join(reports, 'e2e.json')) : 0;
  });
}

async function runE2e(forJest: readonly string[], report: string): Promise<number> {
  await exitingOnInterrupts(async () => {
    for (const tool of [...toolNames, 'dapr'] as const) await obtainTool(tool);
    // What minutes are spent on the first time must not be waited for inside a test.
    for (const { obtain } of servers) await obtain();
    // The documentation's site shows the manifests as they are applied.
    await obtainKubernetesProgram('kubectl');
  });
  const chromium = await requireChromium(projectRoot);
  return runJest({
    projects: e2eProjects,
    args: forJest,
    report,
    env: { CHROMIUM_PATH: chromium },
    flags: ['--runInBand'],
  });
}
