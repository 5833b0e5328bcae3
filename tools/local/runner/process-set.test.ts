import { describe, expect, jest, test } from '@jest/globals';
import { createProcessSet, type SystemProcess } from './process-set.js';

// The tests start real processes. Every wait in them has a shorter timeout and a clearer message.
jest.setTimeout(60_000);

/** Writes a line when it starts to stop and when it has ended, so that the lines show the order. */
const slowToStop = `
  process.on("SIGTERM", () => { console.log("stopping"); setTimeout(() => { console.log("ended"); process.exit(0); }, 100); });
  setInterval(() => {}, 1000);
  console.log("up");`;

function createSet() {
  const lines: string[] = [];
  const set = createProcessSet((name, line) => lines.push(`${name} ${line}`));
  const part = (name: string, script: string, stopStage = 0): SystemProcess => ({
    spec: {
      name,
      command: process.execPath,
      args: ['-e', script],
      cwd: '/',
      env: process.env,
      stopTimeoutMs: 10_000,
    },
    stopStage,
    isReady: () => Promise.resolve(lines.includes(`${name} up`) || 'it did not say "up"'),
  });
  const startReady = async (one: SystemProcess) => {
    await set.start(one);
    await set.waitUntilReady(one.spec.name, 10_000);
  };
  return { set, lines, part, startReady, [Symbol.asyncDispose]: set.stop };
}

describe('a set of processes', () => {
  test('stops stage by stage: a stage begins when the processes of the earlier ones have ended', async () => {
    await using fixture = createSet();
    const { set, lines, part, startReady } = fixture;
    await startReady(part('broker', slowToStop, 4));
    await startReady(part('front', slowToStop, 0));
    await startReady(part('back', slowToStop, 2));
    await startReady(part('back-2', slowToStop, 2));
    lines.length = 0;
    await set.stop();
    expect(lines.slice(0, 2)).toEqual(['front stopping', 'front ended']);
    expect(lines.slice(2, 6).sort()).toEqual([
      'back ended',
      'back stopping',
      'back-2 ended',
      'back-2 stopping',
    ]);
    expect(lines.slice(6)).toEqual(['broker stopping', 'broker ended']);
  });

  test('reports a process that ends unexpectedly and stops the others', async () => {
    await using fixture = createSet();
    const { set, part, startReady } = fixture;
    await startReady(part('survivor', slowToStop));
    await set.start(part('victim', 'console.error("no memory"); process.exitCode = 9'));
    const failure = await set.failed;
    expect(failure).toEqual({
      name: 'victim',
      exit: { code: 9, signal: null },
      lastLines: ['no memory'],
    });
    // The test does not stop it: the set does.
    expect(await set.process('survivor').exited).toEqual({ code: 0, signal: null });
    expect(set.process('survivor').lines()).toContain('ended');
  });

  test('keeps running when a process is stopped on purpose', async () => {
    await using fixture = createSet();
    const { set, part, startReady } = fixture;
    await startReady(part('one', slowToStop));
    await startReady(part('other', slowToStop));
    await set.process('one').stop();
    expect(await Promise.race([set.failed, Promise.resolve('no failure')])).toBe('no failure');
    expect(set.process('other').running).toBe(true);
  });

  test('starts no process while it is stopping', async () => {
    await using fixture = createSet();
    const stopped = fixture.set.stop();
    await expect(fixture.set.start(fixture.part('late', slowToStop))).rejects.toThrow('being stopped');
    await stopped;
  });

  test('reports what is missing and the last lines when a process is not ready in time', async () => {
    await using fixture = createSet();
    const { set, part } = fixture;
    await set.start(part('slow', 'console.log("still loading"); setInterval(() => {}, 1000)'));
    const message = await set.waitUntilReady('slow', 3_000).then(String, String);
    expect(message).toMatch(/slow is not ready, after 3000 ms: it did not say "up"\n {2}still loading/);
  });

  test('reports at once that a process ended before it was ready', async () => {
    await using fixture = createSet();
    const { set, part } = fixture;
    await set.start(part('short', 'process.exitCode = 5'));
    const waiting = set.waitUntilReady('short', 3_600_000);
    await expect(waiting).rejects.toThrow('short is not ready, it ended with code 5');
  });

  test('lists the known names when it is asked for an unknown process', async () => {
    await using fixture = createSet();
    await fixture.startReady(fixture.part('front', slowToStop));
    expect(() => fixture.set.process('back')).toThrow('there is no process back, only front');
  });
});
