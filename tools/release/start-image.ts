import { errorText } from '../programs/error-text.js';
import { runProgram } from '../programs/run-program.js';

/** As a cluster runs it: nothing may be written, and it has no rights. */
const confined = ['--read-only', '--cap-drop=ALL', '--security-opt=no-new-privileges', '--network=none'];

/** sysexits.h: what is configured is wrong. A service says so before anything else, and only one that runs can say it. */
const wronglyConfigured = 'ended with code 78';
const firstMissing = 'DAPR_HTTP_PORT';

const startedWithinMs = 120_000;

/**
 * Pulls an image and starts it with nothing that it needs. Rejects unless it comes as far as to name what is missing: then it
 * is for this processor, complete, and content with a cluster's restrictions.
 */
export async function startImage(reference: string, env: NodeJS.ProcessEnv): Promise<void> {
  const args = ['run', '--rm', '--pull=always', ...confined, reference];
  const said = await runProgram('docker', args, { env, timeoutMs: startedWithinMs }).then(
    () => 'it ended without complaint',
    errorText,
  );
  if (!said.includes(wronglyConfigured) || !said.includes(firstMissing))
    throw new Error(
      `${reference} does not start: without its configuration it should name ${firstMissing} and end with 78 (${said}). ` +
        'Look at its last lines; a released version never changes: release a new one.',
    );
}
