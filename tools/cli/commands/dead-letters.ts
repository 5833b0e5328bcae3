import { parseArgs } from 'node:util';
import {
  deadLetterApiPath,
  deadLetterDecisions,
  deadLetterDetailsSchema,
  deadLetterIdSchema,
  deadLetterPageSchema,
  deadLetterSchema,
  type DeadLetter,
  type DeadLetterDetails,
} from '@unity-purchase/contracts';
import { errorText } from '../../programs/error-text.js';
import { askPurchaseService, defaultUrl, urlUsage } from '../ask-purchase-service.js';
import { runCommand, type ReadCommand } from '../run-command.js';

const answeredWithinMs = 15_000;

const usage = [
  'npm run dead-letters -- list                says what could not be recorded, newest first; --limit N (20), --cursor C',
  'npm run dead-letters -- show ID             one of them, with its event and what is wrong with it',
  'npm run dead-letters -- replay ID...        publishes their events again; harmless twice',
  'npm run dead-letters -- discard ID...       notes down that nothing is to be done about them',
  urlUsage,
].join('\n');

type Ask = (method: 'GET' | 'POST', path: string) => Promise<unknown>;

process.exitCode = await runCommand(readCommand(process.argv.slice(2)), usage);

function readCommand(args: readonly string[]): ReadCommand {
  const option = { type: 'string' } as const;
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { url: { ...option, default: defaultUrl }, limit: option, cursor: option },
    });
    const [action = '', ...ids] = positionals;
    const { url, limit, cursor } = values;
    if (!URL.canParse(url)) return { problem: `--url ${url} is no URL.` };
    const wrong = ids.filter((id) => !deadLetterIdSchema.safeParse(id).success);
    if (wrong.length > 0) return { problem: `This is no id of a dead letter: ${wrong.join(', ')}.` };
    const [id] = ids;
    const ask = asking(url);
    if (action === 'list' && id === undefined) return { run: () => list(ask, { limit, cursor }) };
    if (action === 'show' && id !== undefined && ids.length === 1) return { run: () => show(ask, id) };
    const decision = deadLetterDecisions.find((known) => known === action);
    if (decision !== undefined && id !== undefined) return { run: () => decide(ask, decision, ids) };
    return { problem: 'What is to be done?' };
  } catch (error) {
    return { problem: errorText(error) };
  }
}

async function list(
  ask: Ask,
  query: { limit: string | undefined; cursor: string | undefined },
): Promise<void> {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, value);
  const page = deadLetterPageSchema.parse(await ask('GET', `?${search.toString()}`));
  if (page.deadLetters.length === 0) console.log('There are no dead letters.');
  for (const letter of page.deadLetters) console.log(lineOf(letter));
  if (page.next !== undefined) console.log(`There are more: --cursor ${page.next}`);
}

async function show(ask: Ask, id: string): Promise<void> {
  const letter = deadLetterDetailsSchema.parse(await ask('GET', `/${id}`));
  console.log([lineOf(letter), '', ...detailsOf(letter)].join('\n'));
}

/** One after the other; those that fail are named, and the others done. */
async function decide(ask: Ask, decision: string, ids: readonly string[]): Promise<void> {
  const failures: string[] = [];
  for (const id of ids)
    try {
      console.log(lineOf(deadLetterSchema.parse(await ask('POST', `/${id}/${decision}`))));
    } catch (error) {
      failures.push(`${id}: ${errorText(error)}`);
    }
  if (failures.length > 0) throw new Error(failures.join('\n'));
}

function lineOf({ id, arrivedAt, state, reason, replays, purchaseId }: DeadLetter): string {
  const replayed = replays === 0 ? '' : `, replayed ${replays} times`;
  return `${id}  ${arrivedAt}  ${state.padEnd(9)}  ${reason}${replayed}  ${purchaseId ?? 'no purchase id'}`;
}

function detailsOf({
  problems,
  problemsNow,
  replayable,
  recordedAt,
  text,
  base64,
}: DeadLetterDetails): string[] {
  return [
    ...problems.map((problem) => `When it came: ${problem}`),
    ...problemsNow.map((problem) => `Now: ${problem}`),
    replayable ? 'Its event is valid and can be replayed.' : 'Its event is not valid; replaying is refused.',
    recordedAt === undefined
      ? 'Its purchase is not recorded.'
      : `Its purchase was recorded at ${recordedAt}.`,
    text === undefined ? `Not text, in base64: ${base64}` : text,
  ];
}

/** Asks the API of dead letters. The function throws with the words of the service if it refuses. */
function asking(url: string): Ask {
  return async (method, path) => {
    const question = { url, method, path: `${deadLetterApiPath}${path}`, timeoutMs: answeredWithinMs };
    return (await askPurchaseService(question)).json();
  };
}
