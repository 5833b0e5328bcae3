import { join } from 'node:path';
import { errorText } from '../../programs/error-text.js';
import { projectRoot } from '../../project-root.js';
import { defaultDataDir } from '../../local/runner/local-resources.js';
import { obtainToolAndOrigin } from '../../programs/obtain.js';
import { toolNames, versions } from '../../programs/versions.js';
import { ensureSecrets } from '../../local/secrets.js';
import { exitCodes } from '../exit-codes.js';
import { exitingOnInterrupts } from '../interrupts.js';

process.exitCode = await exitingOnInterrupts(main);

async function main(): Promise<number> {
  try {
    for (const tool of toolNames) {
      const { path, origin } = await obtainToolAndOrigin(tool);
      console.log(`${tool} ${versions[tool]} (${origin}): ${path}`);
    }
    const secrets = join(defaultDataDir(projectRoot), 'secrets.json');
    await ensureSecrets(secrets);
    console.log(`local secrets: ${secrets}`);
    return 0;
  } catch (error) {
    console.error(errorText(error));
    return exitCodes.failed;
  }
}
