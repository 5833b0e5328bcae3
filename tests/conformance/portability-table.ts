import { z } from 'zod';
import { markdownTable } from '../reports/markdown-table.js';
import { pairOutcomeSchema, type PairOutcome } from './outcome.js';
import {
  brokenByOfficialSidecars,
  everyPromise,
  everyPromiseId,
  isBuiltHere,
  longPromises,
  parsePair,
  promiseIds,
  promises,
  releaseOf,
  whyNotPromised,
  type PromiseId,
} from './promises.js';

/** The results of a full run of the matrix. */
export const portabilitySchema = z.array(pairOutcomeSchema);

const signs = { kept: '✓', broken: '✗', 'not promised': '–' } as const;

/** The page generated from the results of a run, and nothing else. */
export function portabilityDocument(outcomes: readonly PairOutcome[]): string {
  const [first] = outcomes;
  return [
    '# What each broker and store guarantees',
    '',
    'Written by `npm run test:matrix`, which runs one suite over every pair with the same code; only the component files',
    `differ. The sidecars are Dapr ${first?.dapr ?? ''}, on one machine, with one process per server. ✓: kept. –: not promised,`,
    'but tested all the same; the reason and the observation are below.',
    '',
    ...markdownTable(
      ['Promise', ...outcomes.map(({ pair }) => pair.replace('+', ' + '))],
      promiseIds.map((id) => [promises[id], ...outcomes.map((outcome) => sign(outcome, id))]),
    ),
    '',
    '## What is not promised',
    '',
    ...markdownTable(['Pair', 'Promise', 'Why not', 'Observed in this run'], exceptionsOf(outcomes)),
    '',
    '## With an official sidecar',
    '',
    'Dapr 1.18 as released lacks fixes of the sidecar that is built here. With it, these promises are not kept either:',
    '',
    ...markdownTable(['Broker', 'Promise', 'Why not'], officialExceptionsOf(outcomes)),
    '',
    '## Versions and settings',
    '',
    ...markdownTable(
      ['Pair', 'Broker', 'Store', 'Settings'],
      outcomes.map(({ pair, broker, store, settings }) => [pair, broker, store, `\`${settings}\``]),
    ),
    '',
    '"Settings" is a hash of all values in the component files of a pair. When one changes, a test fails until the matrix has',
    'run again.',
    '',
    '## Observations',
    '',
    ...outcomes.flatMap((outcome) => [
      `### ${outcome.pair}`,
      '',
      ...promiseIds.map(
        (id) => `- ${sign(outcome, id)} ${promises[id]}: ${outcome.promises[id]?.seen ?? 'not tested'}`,
      ),
      '',
    ]),
  ].join('\n');
}

/** The differences between two results of a pair that matter: verdicts, releases and settings, but no builds and no figures. */
export function differencesOf(documented: PairOutcome, seen: PairOutcome): string[] {
  const facts = (['broker', 'store', 'dapr', 'settings'] as const).flatMap((key) =>
    releaseOf(documented[key]) === releaseOf(seen[key])
      ? []
      : [`${key}: documented as ${documented[key]}, observed ${seen[key]}`],
  );
  // What a sidecar that is built here keeps, an official one may not.
  const comparable = promiseIds.filter(
    (id) =>
      isBuiltHere(documented.dapr) === isBuiltHere(seen.dapr) ||
      !brokenByOfficialSidecars(parsePair(seen.pair).broker).some(({ promise }) => promise === id),
  );
  const verdicts = comparable.flatMap((id) => {
    const [before, now] = [documented.promises[id]?.verdict, seen.promises[id]?.verdict];
    return before === now
      ? []
      : [`${id}: documented as ${before ?? 'nothing'}, observed ${now ?? 'nothing'}`];
  });
  return [...facts, ...verdicts];
}

function sign(outcome: PairOutcome, id: PromiseId): string {
  const verdict = outcome.promises[id]?.verdict;
  return verdict === undefined ? '?' : signs[verdict];
}

function exceptionsOf(outcomes: readonly PairOutcome[]): string[][] {
  return outcomes.flatMap((outcome) =>
    everyPromiseId.flatMap((id) => {
      const why = whyNotPromised(parsePair(outcome.pair), id, outcome.dapr);
      const found = outcome.promises[id];
      if (found === undefined)
        // The long promises are not part of the documented run, but what cannot be promised must be known.
        return id in longPromises && why !== undefined
          ? [[outcome.pair, everyPromise[id], why, 'not part of this run']]
          : [];
      if (found.verdict === 'kept') return [];
      return [[outcome.pair, everyPromise[id], why ?? 'Promised, but broken in this run', found.seen]];
    }),
  );
}

function officialExceptionsOf(outcomes: readonly PairOutcome[]): string[][] {
  const brokers = new Set(outcomes.map(({ pair }) => parsePair(pair).broker));
  return [...brokers].flatMap((broker) =>
    brokenByOfficialSidecars(broker).map(({ promise, why }) => [broker, everyPromise[promise], why]),
  );
}
