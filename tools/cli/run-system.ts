import { join } from 'node:path';
import { appIds } from '@unity-purchase/contracts';
import type { Choice } from '../local/runner/choose-resources.js';
import { defaultDataDir } from '../local/runner/local-resources.js';
import type { StartOptions } from '../local/runner/start-options.js';
import { failureText } from '../local/runner/supervised-process.js';
import { startSystem } from '../local/runner/system.js';
import { readRunFile } from '../local/run-file/read-run-file.js';
import { restartOnChange } from '../local/run-file/restart-on-change.js';
import { ensureTokens } from '../local/tokens.js';
import { projectRoot } from '../project-root.js';
import { exitCodes } from './exit-codes.js';
import { exitingOnInterrupts, stopOnInterrupts } from './interrupts.js';
import { obtainFor } from './requirements.js';

/**
 * Starts the whole system on this machine, prints its addresses and the operator token, and resolves to the exit code when it
 * has stopped: 0 after an interrupt, 1 when a process died. With `restartsOnChange`, services restart when their code changes.
 */
export async function runSystem(
  choice: Choice,
  { restartsOnChange = false }: { restartsOnChange?: boolean } = {},
): Promise<number> {
  await exitingOnInterrupts(() => obtainFor(choice));
  const signal = stopOnInterrupts();
  const runFile = await readRunFile(join(projectRoot, 'dapr.yaml'));
  const tokens = await localTokens();
  console.log(`Starting with the broker ${choice.broker} and the store ${choice.store} ...`);
  try {
    await using system = await startSystem({
      root: projectRoot,
      runFile: restartsOnChange ? restartOnChange(runFile, projectRoot) : runFile,
      ...choice,
      log: (line) => {
        console.log(line);
      },
      coloured: process.stdout.isTTY,
      env: environmentWith(tokens),
      // A production storefront refuses to start with it.
      offersPauses: process.env['NODE_ENV'] !== 'production',
      signal,
    });
    const shop = `http://localhost:${system.ports(appIds.storefront).app}`;
    console.log(`The shop is open: ${shop}`);
    console.log(`The operator desk: ${shop}/operators (token: ${tokens.operator})`);
    if (restartsOnChange) console.log('A service restarts when you save a change to its code.');
    const failure = await Promise.race([system.failed, aborted(signal)]);
    if (failure === undefined) return 0;
    console.error(failureText(failure));
    console.error('Everything else is being stopped.');
    return exitCodes.failed;
  } catch (error) {
    if (signal.aborted) return 0;
    throw error;
  }
}

type Tokens = { operator: string; sidecar: string };

/** The tokens of the data folder. Those in the environment win. */
async function localTokens(): Promise<Tokens> {
  const { operator, sidecar } = await ensureTokens(defaultDataDir(projectRoot));
  const { OPERATOR_TOKEN = operator, APP_API_TOKEN = sidecar } = process.env;
  return { operator: OPERATOR_TOKEN, sidecar: APP_API_TOKEN };
}

function environmentWith({ operator, sidecar }: Tokens): NonNullable<StartOptions['env']> {
  return {
    apps: {
      OPERATOR_TOKEN: operator,
      APP_API_TOKEN: sidecar,
      // The services write to a pipe and cannot see the terminal.
      ...(process.stdout.isTTY ? { LOG_FORMAT: 'pretty' } : {}),
    },
    sidecars: { APP_API_TOKEN: sidecar },
  };
}

async function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    const finish = (): void => {
      resolve(undefined);
    };
    if (signal.aborted) finish();
    signal.addEventListener('abort', finish, { once: true });
  });
}
