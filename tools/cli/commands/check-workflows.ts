import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { errorText } from '../../programs/error-text.js';
import { projectRoot } from '../../project-root.js';
import { obtainActionlint, obtainZizmor, type WorkflowLinter } from '../../programs/workflow-linters.js';
import { exitCodes } from '../exit-codes.js';
import { exitingOnInterrupts } from '../interrupts.js';
import { runInForeground } from '../../programs/run-in-foreground.js';

const folder = '.github/workflows';

/** What reads the workflows, each with what else it is told. */
const linters = [
  {
    name: 'actionlint',
    obtain: obtainActionlint,
    argsFor: (workflows: readonly string[]) => ['-color=false', ...workflows],
  },
  {
    name: 'zizmor',
    obtain: () => obtainZizmor(),
    argsFor: () => ['--offline', '--no-progress', '--persona=pedantic', '--strict-collection', '.github'],
  },
];

process.exitCode = await checkAll();

/** Runs all of them, so that one look shows everything. */
async function checkAll(): Promise<number> {
  const workflows = (await readdir(join(projectRoot, folder))).map((name) => join(folder, name));
  let worst = 0;
  for (const { name, obtain, argsFor } of linters) {
    let linter: WorkflowLinter;
    try {
      linter = await exitingOnInterrupts(obtain);
    } catch (error) {
      console.error(`NOT TRIED: ${name} did not look at the workflows. ${errorText(error)}`);
      // Elsewhere a machine may lack what it needs; there nobody would notice.
      if ((process.env['CI'] ?? '') !== '') worst = Math.max(worst, exitCodes.unavailable);
      continue;
    }
    const { command, env } = linter;
    const code = await runInForeground(command, argsFor(workflows), { cwd: projectRoot, env });
    console.log(`${name}: ${code === 0 ? 'nothing to complain about' : `ended with code ${code}`}`);
    worst = Math.max(worst, code);
  }
  return worst;
}
