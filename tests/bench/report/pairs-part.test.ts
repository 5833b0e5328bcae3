import { expect, test } from '@jest/globals';
import type { DrainRound, PairRounds, Side, Worker } from '../results.js';
import { pairsPart } from './pairs-part.js';

const round = (
  side: Side,
  number: number,
  purchases: number,
  processorMs: Partial<Record<Worker, number>> = {},
): DrainRound => ({ side, round: number, purchases, seconds: 10, processorMs });

/** Two rounds on a pair, with these purchases in ten seconds. */
const pair = (title: string, sidecars: [number, number], direct: [number, number]): PairRounds => ({
  pair: title,
  backlog: 10_000,
  drain: [
    round('sidecars', 1, sidecars[0]),
    round('direct', 1, direct[0]),
    round('sidecars', 2, sidecars[1]),
    round('direct', 2, direct[1]),
  ],
});

const page = (pairs: readonly PairRounds[]) => pairsPart(pairs).join('\n\n');

/** The figures of the first row with this name. */
const rowIn = (text: string, name: string) =>
  text
    .split('\n')
    .map((line) => line.split(/ *\| */).slice(1, -1))
    .find(([first]) => first === name)
    ?.slice(1);

test('compares the rates of each pair with its backlog, and says whether the target is met', () => {
  const text = page([
    pair('Kafka + PostgreSQL', [7_000, 9_000], [10_000, 10_000]),
    pair('JetStream + SQLite', [6_400, 6_400], [10_000, 10_000]),
  ]);
  expect(rowIn(text, 'Kafka + PostgreSQL')).toEqual([
    '10000',
    '800 (700–900)',
    '1000',
    '0.80 (0.70–0.90)',
    '≥ 0.65: met',
  ]);
  expect(rowIn(text, 'JetStream + SQLite')).toEqual(['10000', '640', '1000', '0.64', '≥ 0.65: missed']);
});

test('shows the processor time of each process of a pair, and a dash where a side or a pair has no such process', () => {
  const text = page([
    {
      pair: 'Kafka + PostgreSQL',
      backlog: 1_000,
      drain: [
        round('sidecars', 1, 1_000, {
          recorder: 500,
          'recorder sidecar': 400,
          Kafka: 30,
          PostgreSQL: 600,
          benchmark: 70,
        }),
        round('direct', 1, 1_000, { recorder: 300, Kafka: 20, PostgreSQL: 250, benchmark: 30 }),
      ],
    },
    {
      pair: 'JetStream + SQLite',
      backlog: 1_000,
      drain: [
        round('sidecars', 1, 1_000, { recorder: 500, 'recorder sidecar': 900, NATS: 80, benchmark: 20 }),
        round('direct', 1, 1_000, { recorder: 700, NATS: 60, benchmark: 40 }),
      ],
    },
  ]);
  const rowOf = (name: string) => rowIn(text, name);
  expect(rowOf('ms per purchase')).toEqual([
    'Kafka + PostgreSQL, with',
    'Kafka + PostgreSQL, without',
    'JetStream + SQLite, with',
    'JetStream + SQLite, without',
  ]);
  expect(rowOf('recorder sidecar')).toEqual(['0.40', '–', '0.90', '–']);
  expect(rowOf('PostgreSQL')).toEqual(['0.60', '0.25', '–', '–']);
  expect(rowOf('NATS')).toEqual(['–', '–', '0.08', '0.06']);
  expect(rowOf('total')).toEqual(['1.60', '0.60', '1.50', '0.80']);
  expect(rowOf('busy cores')).toEqual(['0.16', '0.06', '0.15', '0.08']);
  expect(rowOf('storefront')).toBeUndefined();
});
