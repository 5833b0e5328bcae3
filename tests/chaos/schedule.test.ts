import { describe, expect, test } from '@jest/globals';
import {
  disturbances,
  longDisturbanceKinds,
  shortDisturbanceKinds,
  type Disturbance,
  type Targets,
} from './schedule.js';

const targets: Targets = {
  kill: ['shop', 'broker', 'store'],
  stop: ['shop'],
  freeze: ['shop', 'broker'],
  'add-replica': ['recorder'],
  'wrong-clock': ['recorder'],
  'slow-sidecar': ['recorder'],
  'failing-store': ['recorder'],
  'slow-bodies': ['shop'],
  'broker-away': ['broker'],
  'hanging-store': ['recorder'],
  'full-disk': ['disk'],
};

const shortKinds: ReadonlySet<string> = new Set(shortDisturbanceKinds);
const isShort = ({ kind }: Disturbance) => shortKinds.has(kind);

function first(count: number, seed: number, of = targets): Disturbance[] {
  const schedule = disturbances(seed, of);
  return Array.from({ length: count }, () => schedule.next().value);
}

describe('disturbances', () => {
  test('are the same for the same seed and differ between seeds', () => {
    expect(first(50, 7)).toEqual(first(50, 7));
    expect(first(50, 7)).not.toEqual(first(50, 8));
  });

  test.each([1, 2, 3, 4, 5])(
    'of seed %i are of every short kind in each round, and each kind meets every target',
    (seed) => {
      const three = first(4 * shortDisturbanceKinds.length, seed).filter(isShort);
      for (let round = 0; round < 3; round += 1) {
        const kinds = three
          .slice(round * shortDisturbanceKinds.length)
          .slice(0, shortDisturbanceKinds.length);
        expect(new Set(kinds.map(({ kind }) => kind))).toEqual(shortKinds);
      }
      const killed = three
        .slice(0, 3 * shortDisturbanceKinds.length)
        .filter(({ kind }) => kind === 'kill')
        .map(({ target }) => target);
      expect(killed.sort()).toEqual([...targets.kill].sort());
    },
  );

  test('include one that takes minutes after every second round', () => {
    const long = first(6 * (2 * shortDisturbanceKinds.length + 1), 5).flatMap((one, index) =>
      isShort(one) ? [] : [{ index, kind: one.kind }],
    );
    expect(long.map(({ index }) => index % (2 * shortDisturbanceKinds.length + 1))).toEqual(
      Array.from({ length: 6 }, () => 2 * shortDisturbanceKinds.length),
    );
    expect(new Set(long.slice(0, longDisturbanceKinds.length).map(({ kind }) => kind))).toEqual(
      new Set(longDisturbanceKinds),
    );
  });

  test('last and pause within the configured bounds', () => {
    for (const { kind, outageMs, pauseMs } of first(200, 3)) {
      const [shortest, longest] = {
        'broker-away': [180_000, 180_000],
        'hanging-store': [20_000, 45_000],
        'full-disk': [20_000, 45_000],
      }[kind as string] ?? [500, 8_000];
      expect(outageMs).toBeGreaterThanOrEqual(shortest ?? NaN);
      expect(outageMs).toBeLessThanOrEqual(longest ?? NaN);
      expect(pauseMs).toBeGreaterThanOrEqual(500);
      expect(pauseMs).toBeLessThanOrEqual(3_000);
    }
  });

  test('skip a kind of disturbance that has no target', () => {
    const kinds = first(20, 1, { ...targets, stop: [] }).map(({ kind }) => kind);
    expect(kinds).not.toContain('stop');
  });
});
