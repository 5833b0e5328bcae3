import { join } from 'node:path';
import { obtainKubernetesProgram } from '../../programs/kubernetes-programs.js';
import { obtainCrane, obtainRegistry } from '../../programs/registry.js';
import { exitingOnInterrupts } from '../interrupts.js';
import { runJest } from '../run-jest.js';
import { totalling } from '../test-totals.js';

process.exitCode = await totalling(async (reports) => {
  // Building programs takes minutes the first time, which would exceed the time limits of the tests.
  await exitingOnInterrupts(async () => {
    await obtainKubernetesProgram('kubectl');
    await obtainRegistry();
    await obtainCrane();
  });
  const report = join(reports, 'release.json');
  return runJest({ projects: ['release'], args: process.argv.slice(2), report });
});
