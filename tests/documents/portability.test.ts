import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { builtDaprdVersion, matrixPairs, projectRoot, versions } from '@unity-purchase/tools';
import { format } from 'prettier';
import { settingsOf } from '../conformance/outcome.js';
import { differencesOf, portabilityDocument, portabilitySchema } from '../conformance/portability-table.js';
import { parsePair, promiseIds, releaseOf, whyNotPromised } from '../conformance/promises.js';

const read = (path: string) => readFile(join(projectRoot, path), 'utf8');
const outcomes = portabilitySchema.parse(JSON.parse(await read('docs/portability.json')));

describe('docs/portability.md', () => {
  test('reports exactly what the last run of the matrix saw', async () => {
    const expected = await format(portabilityDocument(outcomes), { parser: 'markdown' });
    expect(await read('docs/portability.md')).toBe(expected);
  });

  test('covers every pair that has component files', async () => {
    expect(outcomes.map(({ pair }) => pair)).toEqual(await matrixPairs(projectRoot));
  });

  test.each(outcomes.map((outcome) => [outcome.pair, outcome] as const))(
    'was made with the settings that %s has now, and tries every promise',
    async (pair, outcome) => {
      const settings = await settingsOf(parsePair(pair));
      expect(differencesOf(outcome, { ...outcome, settings })).toEqual([]);
      // The release, or the build that replaces it where it cannot be downloaded.
      expect([versions.daprd, builtDaprdVersion].map(releaseOf)).toContain(releaseOf(outcome.dapr));
      for (const promise of promiseIds) {
        const why = whyNotPromised(parsePair(pair), promise, outcome.dapr);
        const wanted = why === undefined ? 'kept' : 'not promised';
        expect([promise, outcome.promises[promise]?.verdict]).toEqual([promise, wanted]);
      }
    },
  );
});

describe('the comparison of results with the documentation', () => {
  const outcome = {
    pair: 'kafka+mongodb',
    broker: 'Kafka 1',
    store: 'MongoDB 1',
    dapr: '1',
    settings: 'a',
    promises: { order: { verdict: 'kept' as const, seen: '200 purchases' } },
  };

  test('accepts other figures with the same verdict', () => {
    const again = { ...outcome, promises: { order: { verdict: 'kept' as const, seen: '300 purchases' } } };
    expect(differencesOf(outcome, again)).toEqual([]);
  });

  test('accepts another build of the same release', () => {
    expect(differencesOf(outcome, { ...outcome, dapr: '1+51dadbf9' })).toEqual([]);
  });

  test('accepts that an official sidecar does not keep what the one built here keeps, and nothing else', () => {
    const kept = { verdict: 'kept' as const, seen: '' };
    const documented = {
      ...outcome,
      pair: 'mqtt+sqlite',
      dapr: '1+51dadbf9',
      promises: { early: kept, retried: kept },
    };
    const late = { verdict: 'not promised' as const, seen: '' };
    const official = { ...documented, dapr: '1', promises: { early: late, retried: late } };
    expect(differencesOf(documented, official)).toEqual([
      'retried: documented as kept, observed not promised',
    ]);
  });

  test.each([
    ['verdict', { promises: { order: { verdict: 'broken' as const, seen: '' } } }],
    ['version', { broker: 'Kafka 2' }],
    ['release', { dapr: '2' }],
    ['setting', { settings: 'b' }],
    ['promise that was not tried', { promises: {} }],
  ])('another %s is one', (_what, change) => {
    expect(differencesOf(outcome, { ...outcome, ...change })).toHaveLength(1);
  });
});
