import { setTimeout as delay } from 'node:timers/promises';
import {
  shopperApiPath,
  shopperErasureLineSchema,
  shopperIdSchema,
  shopperKey,
  shopperKeyPattern,
  type ShopperProgress,
} from '@unity-purchase/contracts';
import { askPurchaseService } from '../ask-purchase-service.js';
import { exportToFile } from '../export-file.js';
import { readArguments, UsageError } from '../read-arguments.js';
import { InterruptedError, resumableLines } from '../resumable-lines.js';
import { runCommand } from '../run-command.js';

/** An export and an erasure take as long as the shopper bought. They send lines all the time. */
const answerTimeoutMs = 24 * 60 * 60_000;

/** How often the progress is printed. Short exports and erasures print none. */
const progressEveryMs = 2_000;

/** Where one shopper's data is: a purchase-service, and a path with the shopper key, which is safe in addresses. */
type ShopperAddress = { url: string; path: string };

process.exitCode = await runCommand('shoppers', () => readCommand(process.argv.slice(2))());

/** Returns what the arguments ask for. @throws UsageError */
function readCommand(args: readonly string[]): () => Promise<void> {
  const { values, positionals } = readArguments('shoppers', args);
  const [action, shopper, ...more] = positionals;
  const { url, file, export: exportFile } = values;
  if (!URL.canParse(url)) throw new UsageError(`--url ${url} is not a URL.`);
  if (!shopperIdSchema.safeParse(shopper).success || shopper === undefined || more.length > 0)
    throw new UsageError('One shopper id is required.');
  const key = shopperKeyPattern.test(shopper) ? shopper : shopperKey(shopper);
  const address = { url, path: `${shopperApiPath}/${key}` };
  const againAfterMs = Number(values['again-after']) * 1_000;
  if (!(againAfterMs >= 0)) throw new UsageError('--again-after takes a number of seconds.');
  if (action === 'export' && file !== undefined) return () => exportTo(address, file);
  if (action === 'erase' && (exportFile === undefined) === (values['no-export'] === true))
    return () => erase(address, exportFile, againAfterMs);
  throw new UsageError('An action with its options is required.');
}

/** Erases twice: replicas may have been recording something during the first time. */
async function erase(
  address: ShopperAddress,
  exportFile: string | undefined,
  againAfterMs: number,
): Promise<void> {
  if (exportFile !== undefined) await exportTo(address, exportFile);
  const { erased, eventsKeptUntil } = await eraseOnce(address);
  console.log(`Erased: ${erased}.`);
  console.log(`In ${againAfterMs / 1_000} seconds, erasing what arrived meanwhile ...`);
  await delay(againAfterMs);
  const again = await eraseOnce(address);
  console.log(`Also erased: ${again.erased}.`);
  const until = again.eventsKeptUntil ?? eventsKeptUntil;
  console.log(
    `Not reached: events at the broker, until ${until ?? 'it removes them'} at the latest; backups; sign-in accounts. See ` +
      'docs/operators/shoppers.md.',
  );
}

/** What was erased, and until when the broker may have events that were not reached. Older services do not say. */
type Erased = { erased: string; eventsKeptUntil: string | undefined };

/** Resolves to what was erased. Rejects when the erasure was interrupted before its end and cannot be continued. */
async function eraseOnce({ url, path }: ShopperAddress): Promise<Erased> {
  const showProgress = progressPrinter();
  const lines = resumableLines({
    ask: (cursor) =>
      askPurchaseService({
        url,
        method: 'POST',
        path: withCursor(`${path}/erasure`, cursor),
        timeoutMs: answerTimeoutMs,
      }),
    parse: (text) => shopperErasureLineSchema.parse(JSON.parse(text)),
  });
  try {
    for await (const { line } of lines) {
      if (line.kind === 'end') return { erased: countsText(line), eventsKeptUntil: line.eventsKeptUntil };
      showProgress(line);
    }
  } catch (cause) {
    if (cause instanceof InterruptedError) throw interruptedErasure(cause);
    throw cause;
  }
  throw interruptedErasure();
}

function withCursor(path: string, cursor: string | undefined): string {
  return cursor === undefined ? path : `${path}${path.includes('?') ? '&' : '?'}cursor=${cursor}`;
}

function interruptedErasure(cause?: unknown): Error {
  return new Error(
    'The erasure was interrupted. What was erased stays erased. Run the command again to erase the rest.',
    { cause },
  );
}

/** Returns a function that prints how far an export or an erasure is. */
function progressPrinter(): (progress: ShopperProgress) => void {
  let printedMs = Date.now();
  return ({ reading, entries }) => {
    if (Date.now() - printedMs < progressEveryMs) return;
    printedMs = Date.now();
    console.log(`Reading ${places[reading]}: ${entries} entries so far`);
  };
}

const places = { history: 'the history', journal: 'the journal', 'dead-letters': 'the dead letters' };

/** Writes an export to a new file that only its owner can read, or continues one that was interrupted. */
async function exportTo({ url, path }: ShopperAddress, file: string): Promise<void> {
  const showProgress = progressPrinter();
  const end = await exportToFile(file, {
    ask: (cursor) =>
      askPurchaseService({
        url,
        method: 'GET',
        path: withCursor(`${path}?progress=true`, cursor),
        timeoutMs: answerTimeoutMs,
      }),
    onLine: (line) => {
      if (line.kind === 'progress') showProgress(line);
    },
  });
  console.log(`Exported to ${file}: ${countsText(end)}.`);
}

function countsText(counts: { purchases: number; journalEntries: number; deadLetters: number }): string {
  return `${counts.purchases} purchases, ${counts.journalEntries} journal entries, ${counts.deadLetters} dead letters`;
}
