import { join } from 'node:path';
import { obtainKubernetesProgram } from '../../programs/kubernetes-programs.js';
import { obtainRegistry } from '../../programs/registry.js';
import { exitingOnInterrupts } from '../interrupts.js';
import { runJest } from '../run-jest.js';
import { totalling } from '../test-totals.js';

process.exitCode = await totalling(async (reports) => {
  // What minutes are spent on the first time must not be waited for inside a test.
  await exitingOnInterrupts(async () => {
    await obtainKubernetesProgram('kubectl');
    await obtainRegistry();
  });
  const report = join(reports, 'release.json');
  return runJest({ projects: ['release'], args: process.argv.slice(2), report });
});
