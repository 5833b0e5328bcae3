import { errorCode, errorText } from './error-text.js';
import { runProgram } from './run-program.js';
import { versions } from './versions.js';

/** Rejects with what to do when Go is missing or older than daprd and nats-server need. */
export async function requireGo(go = 'go', minimum: string = versions.goMinimum): Promise<void> {
  let stated: string;
  try {
    stated = await runProgram(go, ['env', 'GOVERSION'], { timeoutMs: 30_000 });
  } catch (error) {
    const missing = error instanceof Error && errorCode(error.cause) === 'ENOENT';
    throw new Error(missing ? `Go is not installed (${minimum} or newer is needed)` : errorText(error), {
      cause: error,
    });
  }
  const version = /^go(\d+(?:\.\d+)*)/.exec(stated)?.[1];
  if (version === undefined || isOlder(version, minimum))
    throw new Error(`Go ${minimum} or newer is needed; this is ${stated.trim()}`);
}

function isOlder(version: string, minimum: string): boolean {
  return version.localeCompare(minimum, 'en', { numeric: true }) < 0;
}
