import { parseArgs } from 'node:util';
import { appIds } from '@unity-purchase/contracts';
import { errorText } from '../../programs/error-text.js';
import { projectRoot } from '../../project-root.js';
import { choicesOf, requireChoice, type Choice } from '../../local/runner/choose-resources.js';
import { embeddedPair } from '../../local/pairs.js';
import { addressVariables } from '../../local/servers/component-address.js';
import { failureText } from '../../local/runner/supervised-process.js';
import { startSystem } from '../../local/runner/system.js';
import { exitCodes } from '../exit-codes.js';
import { exitingOnInterrupts, stopOnInterrupts } from '../interrupts.js';
import { obtainFor } from '../obtain-for.js';

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const asked = await readFlags(args);
  if (typeof asked === 'number') return asked;
  let signal: AbortSignal | undefined;
  try {
    await exitingOnInterrupts(() => obtainFor(asked));
    signal = stopOnInterrupts();
    return await run(asked, signal);
  } catch (error) {
    if (signal?.aborted === true) return 0;
    console.error(errorText(error));
    return exitCodes.failed;
  }
}

async function run(asked: Choice, signal: AbortSignal): Promise<number> {
  console.log(`Starting with the broker ${asked.broker} and the store ${asked.store} ...`);
  await using system = await startSystem({
    root: projectRoot,
    ...asked,
    log: (line) => {
      console.log(line);
    },
    coloured: process.stdout.isTTY,
    // The services write into a pipe and cannot see that a person reads along.
    ...(process.stdout.isTTY ? { env: { apps: { LOG_FORMAT: 'pretty' } } } : {}),
    signal,
  });
  console.log(`The shop is open: http://localhost:${system.ports(appIds.storefront).app}`);
  const failure = await Promise.race([system.failed, aborted(signal)]);
  if (failure === undefined) return 0;
  console.error(failureText(failure));
  console.error('Everything else is being stopped.');
  return exitCodes.failed;
}

async function readFlags(args: readonly string[]): Promise<number | Choice> {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        broker: { type: 'string', default: embeddedPair.broker },
        store: { type: 'string', default: embeddedPair.store },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) {
      console.log(await helpText());
      return 0;
    }
    const choice = { broker: values.broker, store: values.store };
    await requireChoice(choice, projectRoot);
    return choice;
  } catch (error) {
    console.error(errorText(error));
    return exitCodes.usageError;
  }
}

async function helpText(): Promise<string> {
  const brokers = await choicesOf('broker', projectRoot);
  const stores = await choicesOf('store', projectRoot);
  return [
    'npm start -- [--broker NAME] [--store NAME]',
    `  --broker  ${brokers.join(', ')} (default: ${embeddedPair.broker})`,
    `  --store   ${stores.join(', ')} (default: ${embeddedPair.store}, a file in .data)`,
    'What already answers where the component file says is used; else it is obtained and started along, with its data in',
    `.data. ${addressVariables.join(' and ')} name servers elsewhere.`,
  ].join('\n');
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
