import { describe, expect, test } from '@jest/globals';
import { disturbanceKinds, disturbances, type Disturbance, type Targets } from './schedule.js';

const targets: Targets = {
  kill: ['shop', 'broker', 'store'],
  stop: ['shop'],
  freeze: ['shop', 'broker'],
  'add-replica': ['recorder'],
  'slow-sidecar': ['recorder'],
  'failing-store': ['recorder'],
};

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
    'of seed %i are of every kind in each round, and each kind meets every target',
    (seed) => {
      const three = first(3 * disturbanceKinds.length, seed);
      for (let round = 0; round < 3; round += 1) {
        const kinds = three.slice(round * disturbanceKinds.length).slice(0, disturbanceKinds.length);
        expect(new Set(kinds.map(({ kind }) => kind))).toEqual(new Set(disturbanceKinds));
      }
      const killed = three.filter(({ kind }) => kind === 'kill').map(({ target }) => target);
      expect(killed.sort()).toEqual([...targets.kill].sort());
    },
  );

  test('pause within the configured bounds', () => {
    for (const { outageMs, pauseMs } of first(200, 3)) {
      expect(outageMs).toBeGreaterThanOrEqual(500);
      expect(outageMs).toBeLessThanOrEqual(8_000);
      expect(pauseMs).toBeGreaterThanOrEqual(500);
      expect(pauseMs).toBeLessThanOrEqual(3_000);
    }
  });

  test('skip a kind of disturbance that has no target', () => {
    const kinds = first(20, 1, { ...targets, stop: [] }).map(({ kind }) => kind);
    expect(kinds).not.toContain('stop');
  });
});
