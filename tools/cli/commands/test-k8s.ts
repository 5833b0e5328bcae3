import { join } from 'node:path';
import { obtainRequirements } from '../requirements.js';
import { runJest } from '../run-jest.js';
import { totalling } from '../test-totals.js';

process.exitCode = await totalling(async (reports) => {
  await obtainRequirements('test:k8s');
  return runJest({ projects: ['k8s'], args: process.argv.slice(2), report: join(reports, 'k8s.json') });
});
