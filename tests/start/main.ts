import {
  buyFirstPurchase,
  failureText,
  projectRoot,
  readArguments,
  rejectOnAbort,
  runInterruptibly,
  superviseProcess,
  waitUntil,
} from '@unity-purchase/tools';
import { watchItSurvive } from './watch-it-survive.js';

/** The first start obtains Dapr and the broker. Where no release can be downloaded, it builds them. */
const openWithinMs = 15 * 60_000;

/** Longer than the services take to stop by themselves. */
const stopTimeoutMs = 60_000;

process.exit(
  await runInterruptibly(
    () => readArguments('test:start', process.argv.slice(2)),
    (_, signal) => main(signal),
  ),
);

async function main(signal: AbortSignal): Promise<void> {
  let address: string | undefined;
  let token: string | undefined;
  const shop = superviseProcess(
    {
      name: 'npm start',
      command: process.execPath,
      args: ['tools/cli/bootstrap.js', 'start'],
      cwd: projectRoot,
      env: process.env,
      stopTimeoutMs,
    },
    {
      onLine: (line) => {
        process.stdout.write(`${line}\n`);
        address ??= /The shop is open: (http:\S+)/.exec(line)?.[1];
        token ??= /The operator desk: http:\S+ \(token: (\S+)\)/.exec(line)?.[1];
      },
      onFailure: (failure) => {
        process.stderr.write(`${failureText(failure)}\n`);
      },
    },
  );
  await shop.start();
  try {
    await Promise.race([buy(), rejectOnAbort(signal, 'stopped before the purchase was recorded')]);
  } finally {
    await shop.stop();
  }

  async function buy(): Promise<void> {
    await waitUntil(() => {
      if (!shop.running) throw new Error('npm start has ended');
      if (address === undefined) return 'npm start does not say that the shop is open';
      return token !== undefined || 'npm start does not say how to open the desk';
    }, openWithinMs);
    const recordedMs = await buyFirstPurchase(address ?? '');
    process.stdout.write(
      `A purchase was recorded ${String(Math.round(recordedMs))} ms after it was accepted.\n`,
    );
    await watchItSurvive(address ?? '', token ?? '');
    process.stdout.write('A purchase survived a pause of the purchase-service.\n');
  }
}
