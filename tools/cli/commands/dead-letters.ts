import {
  deadLetterApiPath,
  deadLetterReplayApiPath,
  deadLetterDecisions,
  deadLetterDetailsSchema,
  deadLetterIdSchema,
  deadLetterPageSchema,
  deadLetterReplaysSchema,
  deadLetterSchema,
  type DeadLetter,
  type DeadLetterDetails,
} from '@unity-purchase/contracts';
import { errorText } from '../../programs/error-text.js';
import { askPurchaseService } from '../ask-purchase-service.js';
import { readArguments, UsageError } from '../read-arguments.js';
import { runCommand } from '../run-command.js';

const answerTimeoutMs = 15_000;

type Ask = (method: 'GET' | 'POST', path: string) => Promise<unknown>;

process.exitCode = await runCommand('dead-letters', () => readCommand(process.argv.slice(2))());

/** Returns what the arguments ask for. @throws UsageError */
function readCommand(args: readonly string[]): () => Promise<void> {
  const { values, positionals } = readArguments('dead-letters', args);
  const [action, ...ids] = positionals;
  const { url, limit, cursor, all = false } = values;
  if (!URL.canParse(url)) throw new UsageError(`--url ${url} is not a URL.`);
  const invalid = ids.filter((id) => !deadLetterIdSchema.safeParse(id).success);
  if (invalid.length > 0) throw new UsageError(`Not the id of a dead letter: ${invalid.join(', ')}.`);
  const [id] = ids;
  const ask = askingAt(url);
  if (all && (action !== 'replay' || id !== undefined))
    throw new UsageError('--all is for replay, without ids.');
  if (action === 'list' && id === undefined) return () => list(ask, { limit, cursor });
  if (action === 'show' && id !== undefined && ids.length === 1) return () => show(ask, id);
  if (all) return () => replayAll(ask, cursor);
  const decision = deadLetterDecisions.find((known) => known === action);
  if (decision !== undefined && id !== undefined) return () => decide(ask, decision, ids);
  throw new UsageError('An action with its arguments is required.');
}

async function list(
  ask: Ask,
  query: { limit: string | undefined; cursor: string | undefined },
): Promise<void> {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, value);
  const page = deadLetterPageSchema.parse(await ask('GET', `${deadLetterApiPath}?${search.toString()}`));
  if (page.deadLetters.length === 0) console.log('There are no dead letters.');
  for (const letter of page.deadLetters) console.log(lineOf(letter));
  if (page.next !== undefined) console.log(`There are more: --cursor ${page.next}`);
}

async function show(ask: Ask, id: string): Promise<void> {
  const letter = deadLetterDetailsSchema.parse(await ask('GET', `${deadLetterApiPath}/${id}`));
  console.log([lineOf(letter), '', ...detailsOf(letter)].join('\n'));
}

/** Decides one after the other. Rejects at the end with the failures. */
async function decide(ask: Ask, decision: string, ids: readonly string[]): Promise<void> {
  const failures: string[] = [];
  for (const id of ids)
    try {
      console.log(
        lineOf(deadLetterSchema.parse(await ask('POST', `${deadLetterApiPath}/${id}/${decision}`))),
      );
    } catch (error) {
      failures.push(`${id}: ${errorText(error)}`);
    }
  if (failures.length > 0) throw new Error(failures.join('\n'));
}

/** Replays everything that can be replayed, oldest first, some at a time. A repetition continues where this ended. */
async function replayAll(ask: Ask, start: string | undefined): Promise<void> {
  let cursor = start;
  let replayed = 0;
  let notReplayable = 0;
  do {
    const search = new URLSearchParams(cursor === undefined ? {} : { cursor });
    const done = deadLetterReplaysSchema.parse(
      await ask('POST', `${deadLetterReplayApiPath}?${search.toString()}`),
    );
    replayed += done.replayed;
    notReplayable += done.notReplayable;
    cursor = done.next;
    console.log(`Replayed: ${replayed}. Waiting, but cannot be replayed: ${notReplayable}.`);
  } while (cursor !== undefined);
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
  truncated,
}: DeadLetterDetails): string[] {
  return [
    ...problems.map((problem) => `On arrival: ${problem}`),
    ...problemsNow.map((problem) => `Now: ${problem}`),
    ...(truncated === undefined
      ? []
      : [
          `Only its beginning is kept. It had ${truncated.bytes} bytes, with the SHA-256 ${truncated.sha256}.`,
        ]),
    replayable ? 'Its event is valid and can be replayed.' : 'Its event is not valid and cannot be replayed.',
    recordedAt === undefined
      ? 'Its purchase is not recorded.'
      : `Its purchase was recorded at ${recordedAt}.`,
    text === undefined ? `Binary content in base64: ${base64}` : text,
  ];
}

/** Returns a function that calls the dead-letter API of a purchase-service and parses the answer as JSON. */
function askingAt(url: string): Ask {
  return async (method, path) => {
    const call = { url, method, path, timeoutMs: answerTimeoutMs };
    return (await askPurchaseService(call)).json();
  };
}
