import { join } from 'node:path';
import { defaultDataDir } from '../../local/runner/local-resources.js';
import { ensureSecrets } from '../../local/secrets.js';
import { obtainToolAndOrigin } from '../../programs/obtain.js';
import { toolNames, versions } from '../../programs/versions.js';
import { projectRoot } from '../../project-root.js';
import { exitingOnInterrupts } from '../interrupts.js';
import { commands } from '../command-table.js';
import { readArguments, UsageError, type CommandName } from '../read-arguments.js';
import { obtainRequirements } from '../requirements.js';
import { runCommand } from '../run-command.js';

process.exitCode = await runCommand('setup', () =>
  exitingOnInterrupts(async () => {
    const names = readArguments('setup', process.argv.slice(2)).positionals.map(commandNamed);
    for (const tool of toolNames) {
      const { path, origin } = await obtainToolAndOrigin(tool);
      console.log(`${tool} ${versions[tool]} (${origin}): ${path}`);
    }
    const secrets = join(defaultDataDir(projectRoot), 'secrets.json');
    await ensureSecrets(secrets);
    console.log(`Local secrets: ${secrets}`);
    for (const name of names) await obtainRequirements(name);
  }),
);

/** @throws UsageError if there is no such command */
function commandNamed(name: string): CommandName {
  if (Object.hasOwn(commands, name)) return name as CommandName;
  throw new UsageError(`There is no command ${name}. "npm run help" lists them.`);
}
