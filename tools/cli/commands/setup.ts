import { join } from 'node:path';
import { defaultDataDir } from '../../local/runner/local-resources.js';
import { ensureSecrets } from '../../local/secrets.js';
import { obtainToolAndOrigin } from '../../programs/obtain.js';
import { toolNames, versions } from '../../programs/versions.js';
import { projectRoot } from '../../project-root.js';
import { exitingOnInterrupts } from '../interrupts.js';
import { runCommand } from '../run-command.js';

process.exitCode = await runCommand('setup', () =>
  exitingOnInterrupts(async () => {
    for (const tool of toolNames) {
      const { path, origin } = await obtainToolAndOrigin(tool);
      console.log(`${tool} ${versions[tool]} (${origin}): ${path}`);
    }
    const secrets = join(defaultDataDir(projectRoot), 'secrets.json');
    await ensureSecrets(secrets);
    console.log(`Local secrets: ${secrets}`);
  }),
);
