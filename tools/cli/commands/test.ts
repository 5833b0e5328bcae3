import { join } from 'node:path';
import { obtainRequirements } from '../requirements.js';
import { runJest } from '../run-jest.js';
import { totalling } from '../test-totals.js';
import { unitProjects } from '../unit-projects.js';

const [parts = '', ...jestArguments] = process.argv.slice(2);

process.exitCode = await totalling(async (reports) => {
  for (const part of parts.split('+')) {
    const report = join(reports, `${part}.json`);
    const code = await (part === 'unit' ? runUnitTests(report) : runEndToEndTests(report));
    if (code !== 0) return code;
  }
  return 0;
});

async function runUnitTests(report: string): Promise<number> {
  return runJest({ projects: unitProjects.map(({ name }) => name), args: jestArguments, report });
}

/** One test file after the other: each starts whole systems, which would compete for the processors. */
async function runEndToEndTests(report: string): Promise<number> {
  await obtainRequirements('test:e2e');
  return runJest({ projects: ['e2e'], args: jestArguments, report, flags: ['--runInBand'] });
}
