import { z } from 'zod';
import { pairOutcomeSchema, type PairOutcome } from './outcome.js';
import { parsePair, promiseIds, promises, whyNotPromised, type PromiseId } from './promises.js';

/** What a whole run of the matrix saw. */
export const portabilitySchema = z.array(pairOutcomeSchema);

const signs = { kept: '✓', broken: '✗', 'not promised': '–' } as const;

/** The document that tells what a run of the matrix saw, and nothing else. */
export function portabilityDocument(outcomes: readonly PairOutcome[]): string {
  const [first] = outcomes;
  return [
    '# Which broker and which store keep which promise',
    '',
    'Written by `npm run test:matrix`, from a run of one suite over every pair, with the same code: only the component',
    `files differ. The sidecars are Dapr ${first?.dapr ?? ''}, on one machine, each server a single process. ✓ was kept; – is not promised,`,
    'and was tried all the same: below is why, and what happened.',
    '',
    ...table(
      ['Promise', ...outcomes.map(({ pair }) => pair.replace('+', ' + '))],
      promiseIds.map((id) => [promises[id], ...outcomes.map((outcome) => sign(outcome, id))]),
    ),
    '',
    '## What is not promised, and what was seen',
    '',
    ...table(['Pair', 'Promise', 'Why not', 'Seen in this run'], exceptionsOf(outcomes)),
    '',
    '## What it was seen with',
    '',
    ...table(
      ['Pair', 'Broker', 'Store', 'Settings'],
      outcomes.map(({ pair, broker, store, settings }) => [pair, broker, store, `\`${settings}\``]),
    ),
    '',
    '"Settings" names the values of all component files of a pair: when one changes, this document is out of date, and a test',
    'says so.',
    '',
    '## What was seen of each promise',
    '',
    ...outcomes.flatMap((outcome) => [
      `### ${outcome.pair}`,
      '',
      ...promiseIds.map(
        (id) => `- ${sign(outcome, id)} ${promises[id]}: ${outcome.promises[id]?.seen ?? 'not tried'}`,
      ),
      '',
    ]),
  ].join('\n');
}

/** In what two outcomes of one pair differ, of what must not: verdicts, versions and settings, not what was measured. */
export function differencesOf(documented: PairOutcome, seen: PairOutcome): string[] {
  const facts = (['broker', 'store', 'dapr', 'settings'] as const).flatMap((key) =>
    documented[key] === seen[key] ? [] : [`${key}: ${documented[key]} is documented, ${seen[key]} is there`],
  );
  const verdicts = promiseIds.flatMap((id) => {
    const [before, now] = [documented.promises[id]?.verdict, seen.promises[id]?.verdict];
    return before === now
      ? []
      : [`${id}: ${before ?? 'nothing'} is documented, ${now ?? 'nothing'} was seen`];
  });
  return [...facts, ...verdicts];
}

function sign(outcome: PairOutcome, id: PromiseId): string {
  const verdict = outcome.promises[id]?.verdict;
  return verdict === undefined ? '?' : signs[verdict];
}

function exceptionsOf(outcomes: readonly PairOutcome[]): string[][] {
  return outcomes.flatMap((outcome) =>
    promiseIds.flatMap((id) => {
      const found = outcome.promises[id];
      if (found === undefined || found.verdict === 'kept') return [];
      const why = whyNotPromised(parsePair(outcome.pair), id) ?? 'It is promised, and was broken';
      return [[outcome.pair, promises[id], why, found.seen]];
    }),
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}
