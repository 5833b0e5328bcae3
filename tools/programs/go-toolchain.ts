import { errorCode, errorText } from './error-text.js';
import { runProgram } from './run-program.js';
import { versions } from './versions.js';

/** Rejects with an explanation if Go is missing or older than `minimum`. */
export async function requireGo(go = 'go', minimum: string = versions.goMinimum): Promise<void> {
  let stated: string;
  try {
    stated = await runProgram(go, ['env', 'GOVERSION'], { timeoutMs: 30_000 });
  } catch (error) {
    const missing = error instanceof Error && errorCode(error.cause) === 'ENOENT';
    throw new Error(missing ? `Go is not installed (${minimum} or newer is required)` : errorText(error), {
      cause: error,
    });
  }
  const version = /^go(\d+(?:\.\d+)*)/.exec(stated)?.[1];
  if (version === undefined || isOlder(version, minimum))
    throw new Error(`Go ${minimum} or newer is required; this is ${stated.trim()}`);
}

function isOlder(version: string, minimum: string): boolean {
  return version.localeCompare(minimum, 'en', { numeric: true }) < 0;
}
