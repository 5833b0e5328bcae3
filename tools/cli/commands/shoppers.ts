import { open, rm, type FileHandle } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import {
  shopperApiPath,
  shopperErasureSchema,
  shopperExportLineSchema,
  shopperIdSchema,
  shopperKey,
  shopperKeyPattern,
} from '@unity-purchase/contracts';
import { errorText } from '../../programs/error-text.js';
import { askPurchaseService, defaultUrl, urlUsage } from '../ask-purchase-service.js';
import { runCommand, type ReadCommand } from '../run-command.js';

/** All that is kept is read for it, of all shoppers. */
const answeredWithinMs = 30 * 60_000;

/** Longer than a sidecar waits for a delivery: by then nothing that was on its way knows less than that. */
const againAfterSeconds = 35;

const usage = [
  'npm run shoppers -- export SHOPPER --file FILE    writes all that is kept about a shopper into a new file, a JSON value a line',
  'npm run shoppers -- erase SHOPPER --export FILE   does the same, and then erases it; what is erased cannot be had back',
  'npm run shoppers -- erase SHOPPER --no-export     erases it without an export',
  'SHOPPER is the id, or its key. What replicas are recording at that moment is missed by the first look: it looks again',
  `after ${againAfterSeconds} seconds, or --again-after SECONDS.`,
  urlUsage,
].join('\n');

process.exitCode = await runCommand(readCommand(process.argv.slice(2)), usage);

/** A purchase-service, and whom it is asked about: by the key, which is in place in addresses. */
type About = { url: string; path: string };

function readCommand(args: readonly string[]): ReadCommand {
  const option = { type: 'string' } as const;
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        url: { ...option, default: defaultUrl },
        file: option,
        export: option,
        'no-export': { type: 'boolean' },
        'again-after': { ...option, default: String(againAfterSeconds) },
      },
    });
    const [action, shopper, ...more] = positionals;
    const { url, file, export: exported } = values;
    if (!URL.canParse(url)) return { problem: `--url ${url} is no URL.` };
    if (!shopperIdSchema.safeParse(shopper).success || shopper === undefined || more.length > 0)
      return { problem: 'Which shopper? One id is wanted.' };
    const key = shopperKeyPattern.test(shopper) ? shopper : shopperKey(shopper);
    const about = { url, path: `${shopperApiPath}/${key}` };
    const againAfterMs = Number(values['again-after']) * 1_000;
    if (!(againAfterMs >= 0)) return { problem: '--again-after takes a number of seconds.' };
    if (action === 'export' && file !== undefined) return { run: () => exportTo(about, file) };
    if (action === 'erase' && (exported === undefined) === (values['no-export'] === true))
      return { run: () => erase(about, exported, againAfterMs) };
    return { problem: 'What is to be done?' };
  } catch (error) {
    return { problem: errorText(error) };
  }
}

async function erase(about: About, exportFile: string | undefined, againAfterMs: number): Promise<void> {
  if (exportFile !== undefined) await exportTo(about, exportFile);
  console.log(`Erased: ${await eraseOnce(about)}.`);
  console.log(`What was on its way meanwhile is looked for in ${againAfterMs / 1_000} seconds ...`);
  await delay(againAfterMs);
  console.log(`Erased besides: ${await eraseOnce(about)}.`);
}

async function eraseOnce({ url, path }: About): Promise<string> {
  const answer = await askPurchaseService({ url, method: 'DELETE', path, timeoutMs: answeredWithinMs });
  return countsText(shopperErasureSchema.parse(await answer.json()));
}

/** Writes an export into a file that only its owner can read; rejects, and leaves none, unless it is whole. */
async function exportTo({ url, path }: About, file: string): Promise<void> {
  const answer = await askPurchaseService({ url, method: 'GET', path, timeoutMs: answeredWithinMs });
  const output = await open(file, 'wx', 0o600);
  try {
    const counts = await copyLines(answer, output);
    if (counts === undefined) throw new Error('The export broke off.');
    console.log(`Exported to ${file}: ${counts}.`);
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  } finally {
    await output.close();
  }
}

/** Resolves to what the last line says of the whole; to undefined where there is no such line. */
async function copyLines({ body }: Response, output: FileHandle): Promise<string | undefined> {
  if (body === null) return undefined;
  let counts: string | undefined;
  for await (const text of linesOf(body)) {
    const line = shopperExportLineSchema.parse(JSON.parse(text));
    if (line.kind === 'end') counts = countsText(line);
    await output.write(`${text}\n`);
  }
  return counts;
}

/** What is cut off in the middle of a line is no line. */
async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = '';
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}

function countsText(counts: { purchases: number; journalEntries: number; deadLetters: number }): string {
  return `${counts.purchases} purchases, ${counts.journalEntries} entries of the journal, ${counts.deadLetters} dead letters`;
}
