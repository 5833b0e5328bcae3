import { describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { isStopped } from '../../testing/process-state.js';
import { waitUntil } from '../wait-until.js';
import { continueLater } from './continue-later.js';
import { createPauses } from './pauses.js';
import { stopGroups } from './stop-groups.js';

const deadlineMs = 10_000;

/** A process group that runs until the test ends. */
function aProcess() {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)'], {
    detached: true,
    stdio: 'ignore',
  });
  const exited = once(child, 'exit');
  const pid = child.pid ?? 0;
  return {
    pid,
    [Symbol.asyncDispose]: async () => {
      process.kill(-pid, 'SIGKILL');
      await exited;
    },
  };
}

function pausesOf(store: { pid: number }, broker: { pid: number }) {
  const reported: string[] = [];
  const stop = (process: { pid: number }) => () => Promise.resolve(stopGroups([process]));
  const pauses = createPauses(
    [
      { part: 'broker', title: 'NATS', stop: stop(broker) },
      { part: 'store', title: 'Redis', stop: stop(store) },
    ],
    (text) => reported.push(text),
  );
  return { pauses, reported };
}

const untilRunning = (pid: number) =>
  waitUntil(async () => !(await isStopped(pid)) || `${pid} is still stopped`, deadlineMs);

describe('a pause', () => {
  test('stops one part, says for how long, and ends by itself', async () => {
    await using store = aProcess();
    await using broker = aProcess();
    const { pauses, reported } = pausesOf(store, broker);
    expect(await pauses.pause('store', 1)).toBe('paused');
    expect([await isStopped(store.pid), await isStopped(broker.pid)]).toEqual([true, false]);
    const [ofBroker, ofStore] = pauses.states();
    expect(ofBroker).toEqual({ part: 'broker', title: 'NATS' });
    expect(ofStore?.pausedMs).toBeGreaterThan(0);
    expect(ofStore?.pausedMs).toBeLessThanOrEqual(1_000);
    await untilRunning(store.pid);
    expect(pauses.states()[1]).toEqual({ part: 'store', title: 'Redis' });
    expect(reported).toEqual(['The desk pauses Redis for 1 s.', 'Redis continues after its pause.']);
  });

  test('is refused for a part that is paused already or cannot be paused', async () => {
    await using store = aProcess();
    await using broker = aProcess();
    const { pauses, reported } = pausesOf(store, broker);
    await pauses.pause('store', 60);
    expect(await pauses.pause('store', 1)).toBe('already-paused');
    expect(await pauses.pause('broker', 60)).toBe('paused');
    expect(await pauses.pause('purchase-service', 60)).toBe('unknown-part');
    expect(reported).toHaveLength(2);
    pauses.end();
  });

  test('ends with the system, and no other begins', async () => {
    await using store = aProcess();
    await using broker = aProcess();
    const { pauses } = pausesOf(store, broker);
    await pauses.pause('store', 60);
    const beginning = pauses.pause('broker', 60);
    pauses.end();
    await beginning;
    await untilRunning(store.pid);
    await untilRunning(broker.pid);
    expect(await pauses.pause('store', 60)).toBe('unknown-part');
    expect(pauses.states().map(({ pausedMs }) => pausedMs)).toEqual([undefined, undefined]);
  });
});

test('stopped processes continue without the process that stopped them, unless that is cancelled', async () => {
  await using one = aProcess();
  await using other = aProcess();
  const targets = stopGroups([one, other]);
  continueLater([-other.pid], 200)();
  continueLater([-one.pid], 400);
  expect(targets).toEqual([-one.pid, -other.pid]);
  await untilRunning(one.pid);
  expect(await isStopped(other.pid)).toBe(true);
});
