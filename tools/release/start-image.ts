import { errorText } from '../programs/error-text.js';
import { runProgram } from '../programs/run-program.js';

/** The restrictions of the cluster: a read-only file system and no capabilities. */
const confined = ['--read-only', '--cap-drop=ALL', '--security-opt=no-new-privileges', '--network=none'];

/** The exit code for a wrong configuration (EX_CONFIG). A service checks its configuration first, so the image works. */
const configurationError = 'ended with code 78';
const firstMissing = 'DAPR_HTTP_PORT';

const startedWithinMs = 120_000;

/**
 * Pulls an image and starts it without its configuration. Rejects unless it reports the missing configuration: this proves that
 * the image is complete, is built for this processor and works under the restrictions of the cluster.
 */
export async function startImage(reference: string, env: NodeJS.ProcessEnv): Promise<void> {
  const args = ['run', '--rm', '--pull=always', ...confined, reference];
  const outcome = await runProgram('docker', args, { env, timeoutMs: startedWithinMs }).then(
    () => 'it ended without an error',
    errorText,
  );
  if (!outcome.includes(configurationError) || !outcome.includes(firstMissing))
    throw new Error(
      `${reference} does not start. Without its configuration it should name ${firstMissing} and end with code 78 (${outcome}). ` +
        'Fix the cause and release a new version; a released version never changes.',
    );
}
