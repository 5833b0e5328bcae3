import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { errorText } from '../../programs/error-text.js';
import { runInForeground } from '../../programs/run-in-foreground.js';
import { obtainActionlint, obtainZizmor, type WorkflowLinter } from '../../programs/workflow-linters.js';
import { projectRoot } from '../../project-root.js';
import { exitCodes } from '../exit-codes.js';
import { exitingOnInterrupts } from '../interrupts.js';

const folder = '.github/workflows';

const linters = [
  {
    name: 'actionlint',
    obtain: obtainActionlint,
    argumentsFor: (workflows: readonly string[]) => ['-color=false', ...workflows],
  },
  {
    name: 'zizmor',
    obtain: () => obtainZizmor(),
    argumentsFor: () => [
      '--offline',
      '--no-progress',
      '--persona=pedantic',
      '--strict-collection',
      '.github',
    ],
  },
];

process.exitCode = await checkAll();

/** Runs every linter, also after one has failed, and resolves to the highest exit code. */
async function checkAll(): Promise<number> {
  const workflows = (await readdir(join(projectRoot, folder))).map((name) => join(folder, name));
  let worst = 0;
  for (const { name, obtain, argumentsFor } of linters) {
    let linter: WorkflowLinter;
    try {
      linter = await exitingOnInterrupts(obtain);
    } catch (error) {
      console.error(`NOT RUN: ${name} did not check the workflows. ${errorText(error)}`);
      // A developer's machine may lack Go or Python; CI has both.
      if ((process.env['CI'] ?? '') !== '') worst = Math.max(worst, exitCodes.unavailable);
      continue;
    }
    const { command, env } = linter;
    const code = await runInForeground(command, argumentsFor(workflows), { cwd: projectRoot, env });
    console.log(`${name}: ${code === 0 ? 'no problems' : `exit code ${code}`}`);
    worst = Math.max(worst, code);
  }
  return worst;
}
