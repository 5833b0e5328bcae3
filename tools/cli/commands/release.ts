import { projectRoot } from '../../project-root.js';
import { readStep, usage } from '../../release/steps.js';
import { runCommand } from '../run-command.js';

const world = {
  root: projectRoot,
  env: process.env,
  print: (line: string) => {
    console.log(line);
  },
};

process.exitCode = await runCommand(readStep(process.argv.slice(2), world), usage);
