import { projectRoot } from '../../project-root.js';
import { readStep, usage } from '../../release/steps.js';
import { exitCodes } from '../exit-codes.js';
import { runCommand } from '../run-command.js';

const world = {
  root: projectRoot,
  env: process.env,
  print: (line: string) => {
    console.log(line);
  },
};

process.exitCode = await runCommand('release', async () => {
  const step = readStep(process.argv.slice(2), world);
  if ('run' in step) {
    await step.run();
    return 0;
  }
  console.error(`${step.problem}\n${usage}`);
  return exitCodes.usageError;
});
