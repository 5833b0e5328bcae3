import { describe, expect, test } from '@jest/globals';
import { waitUntil } from '../wait-until.js';
import { recoverFromFullDisk } from './full-disk.js';
import type { ProcessFailure } from './supervised-process.js';

const full = 1_000;
const roomy = 100 * 1024 * 1024;

/** A server on a disk whose free space a test sets. Its first restarts fail as often as asked for. */
function aServer(free: number, failedRestarts = 0) {
  const reports: string[] = [];
  const end = new AbortController();
  let restarts = 0;
  let freeBytes = free;
  const recovery = recoverFromFullDisk({
    title: 'NATS',
    folder: '/data/nats',
    storesNothingAfter: (line) => line.includes('write error'),
    restart: () => {
      restarts += 1;
      return restarts > failedRestarts ? Promise.resolve() : Promise.reject(new Error('not ready'));
    },
    report: (text) => reports.push(text),
    signal: end.signal,
    freeBytes: () => Promise.resolve(freeBytes),
    intervalMs: 1,
  });
  return {
    ...recovery,
    reports,
    restarts: () => restarts,
    setFree: (bytes: number) => (freeBytes = bytes),
    end: () => {
      end.abort();
    },
  };
}

const ended = (...lastLines: string[]): ProcessFailure => ({
  name: 'nats',
  exit: { code: 1, signal: null },
  lastLines,
});

const turns = () => new Promise((resolve) => setTimeout(resolve, 20));

describe('a server that answers but stores nothing since its disk was full', () => {
  test('is restarted once when there is room again, and not before', async () => {
    const server = aServer(full);
    server.read('a write error: no space left on device');
    server.read('a write error: no space left on device');
    await turns();
    expect([server.restarts(), server.reports.length]).toEqual([0, 1]);
    expect(server.reports[0]).toContain('NATS has stopped storing, because the disk of /data/nats is full.');
    server.setFree(roomy);
    await waitUntil(() => Promise.resolve(server.reports.length === 2 || 'it is not restarted'), 5_000);
    await turns();
    expect(server.restarts()).toBe(1);
    expect(server.reports[1]).toBe('NATS stores again.');
  });

  test('is restarted again after the next full disk, and after a failed restart', async () => {
    const server = aServer(roomy, 1);
    server.read('a write error');
    await waitUntil(() => Promise.resolve(server.restarts() === 2 || 'it is not restarted'), 5_000);
    await turns();
    server.read('a write error');
    await waitUntil(() => Promise.resolve(server.restarts() === 3 || 'it is not restarted'), 5_000);
  });

  test('is left alone when it says something else, and after the system was stopped', async () => {
    const server = aServer(roomy);
    server.read('listening for client connections');
    await turns();
    expect(server.restarts()).toBe(0);
    server.end();
    server.read('a write error');
    await turns();
    expect(server.restarts()).toBe(0);
  });
});

describe('a server that ended', () => {
  test.each(['java.io.IOException: No space left on device', 'could not extend file: disk full'])(
    'because of its disk (%s) is started again when there is room',
    async (line) => {
      const server = aServer(roomy);
      expect(await server.takeEnd(ended('started', line, 'bye'))).toBe(true);
      await waitUntil(() => Promise.resolve(server.restarts() === 1 || 'it is not restarted'), 5_000);
    },
  );

  test('without a word is started again if its disk is full', async () => {
    const server = aServer(full);
    expect(await server.takeEnd(ended())).toBe(true);
    server.setFree(roomy);
    await waitUntil(() => Promise.resolve(server.restarts() === 1 || 'it is not restarted'), 5_000);
  });

  test('for another reason is a failure', async () => {
    const server = aServer(roomy);
    expect(await server.takeEnd(ended('panic: interface conversion'))).toBe(false);
    await turns();
    expect([server.restarts(), server.reports]).toEqual([0, []]);
  });
});
