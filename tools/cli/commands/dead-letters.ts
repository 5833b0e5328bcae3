import {
  deadLetterApiPath,
  deadLetterReplayApiPath,
  deadLetterDetailsSchema,
  deadLetterIdSchema,
  deadLetterPageSchema,
  deadLetterReplaysSchema,
  deadLetterSchema,
  decimalAmount,
  discardReasonLengthMax,
  discardReasonSchema,
  pageLimitMax,
  type DeadLetter,
  type DeadLetterDecision,
  type DeadLetterDetails,
  type ReplayFailure,
} from '@unity-purchase/contracts';
import { errorText } from '../../programs/error-text.js';
import { askPurchaseService } from '../ask-purchase-service.js';
import { readArguments, UsageError } from '../read-arguments.js';
import { runCommand } from '../run-command.js';

const answerTimeoutMs = 15_000;

type Ask = (method: 'GET' | 'POST', path: string, body?: object) => Promise<unknown>;

/** Parameters of a request. */
type Query = Readonly<Record<string, string | undefined>>;

const failures: Readonly<Record<ReplayFailure, string>> = {
  invalid: 'its event is not valid',
  truncated: 'it was too large to keep',
  superseded: 'another order is recorded under its purchase id',
};

process.exitCode = await runCommand('dead-letters', () => readCommand(process.argv.slice(2))());

/** Returns what the arguments ask for. @throws UsageError */
function readCommand(args: readonly string[]): () => Promise<void> {
  const { values, positionals } = readArguments('dead-letters', args);
  const [action, ...ids] = positionals;
  const { url, all = false, because, list: which, limit, cursor, ...filter } = values;
  const { reason, from, before } = filter;
  if (!URL.canParse(url)) throw new UsageError(`--url ${url} is not a URL.`);
  const invalid = ids.filter((id) => !deadLetterIdSchema.safeParse(id).success);
  if (invalid.length > 0) throw new UsageError(`Not the id of a dead letter: ${invalid.join(', ')}.`);
  const [id] = ids;
  const ask = askingAt(url);
  if (all && (action !== 'replay' || id !== undefined))
    throw new UsageError('--all is for replay, without ids.');
  if (because !== undefined && action !== 'discard') throw new UsageError('--because is for discard.');
  const isList = action === 'list' && id === undefined;
  const isFiltered = [reason, from, before].some((value) => value !== undefined);
  if (isFiltered && !isList && !all)
    throw new UsageError('--reason, --from and --before are for list, and for replay --all.');
  if (which !== undefined && !isList) throw new UsageError('--list is for list.');
  if (isList) return () => list(ask, { list: which, reason, from, before, limit, cursor });
  if (action === 'show' && id !== undefined && ids.length === 1) return () => show(ask, id);
  if (all) return () => replayAll(ask, { reason, from, before, cursor });
  if (action === 'replay' && id !== undefined) return () => decide(ask, 'replay', ids);
  if (action === 'discard' && id !== undefined) {
    const why = discardReasonSchema.safeParse(because);
    if (!why.success)
      throw new UsageError(
        `--because TEXT is required: why, in one line of 1 to ${discardReasonLengthMax} characters.`,
      );
    return () => decide(ask, 'discard', ids, { reason: why.data });
  }
  throw new UsageError('An action with its arguments is required.');
}

async function list(ask: Ask, query: Query): Promise<void> {
  const page = deadLetterPageSchema.parse(await ask('GET', withQuery(deadLetterApiPath, query)));
  const { deadLetters, next, searchedTo } = page;
  if (deadLetters.length === 0)
    console.log(next === undefined ? 'There are no dead letters.' : 'None so far.');
  for (const letter of deadLetters) console.log(lineOf(letter));
  if (searchedTo !== undefined) console.log(`Everything that arrived since ${searchedTo} was searched.`);
  if (next !== undefined) console.log(`There are more: --cursor ${next}`);
}

async function show(ask: Ask, id: string): Promise<void> {
  const letter = deadLetterDetailsSchema.parse(await ask('GET', `${deadLetterApiPath}/${id}`));
  console.log([lineOf(letter), '', ...detailsOf(letter)].join('\n'));
}

/** Decides one after the other. Rejects at the end with the failures. */
async function decide(
  ask: Ask,
  decision: DeadLetterDecision,
  ids: readonly string[],
  body?: object,
): Promise<void> {
  const failures: string[] = [];
  for (const id of ids)
    try {
      console.log(
        lineOf(deadLetterSchema.parse(await ask('POST', `${deadLetterApiPath}/${id}/${decision}`, body))),
      );
    } catch (error) {
      failures.push(`${id}: ${errorText(error)}`);
    }
  if (failures.length > 0) throw new Error(failures.join('\n'));
}

/**
 * Replays everything that can be replayed, oldest first, some at a time, and names what cannot be. A repetition continues where this
 * ended: what was replayed does not wait any more.
 */
async function replayAll(ask: Ask, { cursor: start, ...filter }: Query): Promise<void> {
  let cursor = start;
  const counts = { replayed: 0, recorded: 0, notReplayable: 0 };
  do {
    const path = withQuery(deadLetterReplayApiPath, { ...filter, limit: String(pageLimitMax), cursor });
    const done = deadLetterReplaysSchema.parse(
      await ask('POST', path).catch((thrown: unknown) => {
        const rest = cursor === undefined ? '' : ` --cursor ${cursor}`;
        throw new Error(`${errorText(thrown)}\nNothing was lost. Continue with: replay --all${rest}`);
      }),
    );
    counts.replayed += done.replayed;
    counts.recorded += done.recorded ?? 0;
    counts.notReplayable += done.notReplayable;
    for (const { id, why } of done.failures ?? []) console.log(`${id}  cannot be replayed: ${failures[why]}`);
    console.log(progressOf(counts, done.left));
    cursor = done.next;
  } while (cursor !== undefined);
}

function progressOf(
  { replayed, recorded, notReplayable }: Readonly<Record<'replayed' | 'recorded' | 'notReplayable', number>>,
  left: number | undefined,
): string {
  return [
    `Replayed: ${replayed}.`,
    ...(recorded === 0 ? [] : [`Already recorded: ${recorded}.`]),
    `Waiting, but cannot be replayed: ${notReplayable}.`,
    ...(left === undefined ? [] : [`Still to check: ${left}.`]),
  ].join(' ');
}

function lineOf({ id, arrivedAt, state, reason, replays, purchaseId, ...letter }: DeadLetter): string {
  const { shopper, total, recordedAt, superseded, problem, discardReason } = letter;
  const replayed = replays === 0 ? '' : `, replayed ${replays} times`;
  const standing = recordedAt === undefined ? state : 'recorded';
  return [
    id,
    arrivedAt,
    standing.padEnd(9),
    `${superseded === true ? 'contradicts-record' : reason}${replayed}`,
    purchaseId ?? 'no purchase id',
    ...(shopper === undefined ? [] : [`shopper ${shopper.id}`]),
    ...(total === undefined ? [] : [`${decimalAmount(total)} ${total.currency}`]),
    ...(problem === undefined ? [] : [problem]),
    ...(discardReason === undefined ? [] : [`discarded because: ${discardReason}`]),
  ].join('  ');
}

function withQuery(path: string, query: Query): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, value);
  return search.size === 0 ? path : `${path}?${search.toString()}`;
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
    ...problemsNow.map((problem) => `Problem: ${problem}`),
    ...problems
      .filter((problem) => !problemsNow.includes(problem))
      .map((problem) => `Only when it arrived: ${problem}`),
    ...(truncated === undefined
      ? []
      : [
          `Only its beginning is kept. It had ${truncated.bytes} bytes, with the SHA-256 ${truncated.sha256}.`,
        ]),
    replayable
      ? 'This event is valid and can be replayed.'
      : 'This event is not valid and cannot be replayed.',
    recordedAt === undefined
      ? 'Its purchase is not recorded.'
      : `Its purchase was recorded at ${recordedAt}.`,
    text === undefined ? `Binary content in base64: ${base64}` : text,
  ];
}

/** Returns a function that calls the dead-letter API of a purchase-service and parses the answer as JSON. */
function askingAt(url: string): Ask {
  return async (method, path, body) => {
    const call = {
      url,
      method,
      path,
      timeoutMs: answerTimeoutMs,
      ...(body === undefined ? {} : { body }),
    };
    return (await askPurchaseService(call)).json();
  };
}
