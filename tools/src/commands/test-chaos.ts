import { parseArgs } from 'node:util';
import { errorText } from '../error-text.js';
import { projectRoot } from '../project-root.js';
import { exitCodes } from './exit-codes.js';
import { exitingOnInterrupts } from './interrupts.js';
import { obtainFor } from './obtain-for.js';
import { runInForeground } from './run-in-foreground.js';

process.exitCode = await main(process.argv.slice(2));

/** Obtains what the run needs, which its own clock should not count, and runs it; it reads its flags itself. */
async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      broker: { type: 'string', default: 'jetstream' },
      store: { type: 'string', default: 'sqlite' },
    },
    strict: false,
    allowPositionals: true,
  });
  try {
    await exitingOnInterrupts(() =>
      obtainFor({ broker: String(values.broker), store: String(values.store) }),
    );
  } catch (error) {
    console.error(errorText(error));
    return exitCodes.failed;
  }
  const loader = ['--import', 'tsx', '--conditions=@unity-purchase/source'];
  return runInForeground(process.execPath, [...loader, 'e2e/src/chaos/main.ts', ...args], {
    cwd: projectRoot,
  });
}
