import { join } from 'node:path';
import { obtainRequirements } from '../requirements.js';
import { runJest } from '../run-jest.js';
import { totalling } from '../test-totals.js';

process.exitCode = await totalling(async (reports) => {
  await obtainRequirements('test:release');
  const report = join(reports, 'release.json');
  return runJest({ projects: ['release'], args: process.argv.slice(2), report });
});
