import { describe, expect, jest, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { processExists } from '../../testing/process-exists.js';
import { temporaryFolder } from '../../testing/temporary-folder.js';
import { waitUntil } from '../wait-until.js';
import {
  failureText,
  superviseProcess,
  type ProcessFailure,
  type ProcessSpec,
} from './supervised-process.js';

// The tests start real processes. Every wait in them has a shorter timeout and a clearer message.
jest.setTimeout(60_000);

const deadlineMs = 10_000;

const runsForEver = 'setInterval(() => {}, 1000); console.log("up");';
const ignoresSigterm = `process.on("SIGTERM", () => console.log("ignored")); ${runsForEver}`;
const drainsOnSigterm = `process.on("SIGTERM", () => { console.log("drained"); process.exit(0); }); ${runsForEver}`;
const hasChild = `
  const child = require("node:child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  console.log("child", child.pid);
  ${runsForEver}`;

function supervise(script: string, settings: Partial<ProcessSpec> = {}) {
  const failures: ProcessFailure[] = [];
  const shown: string[] = [];
  const handle = superviseProcess(
    {
      name: 'part',
      command: process.execPath,
      args: ['-e', script],
      cwd: '/',
      env: process.env,
      stopTimeoutMs: deadlineMs,
      ...settings,
    },
    { onLine: (line) => shown.push(line), onFailure: (failure) => failures.push(failure) },
  );
  const wrote = (text: string) =>
    waitUntil(
      () => handle.lines().some((line) => line.includes(text)) || `no line with "${text}"`,
      deadlineMs,
    );
  return {
    handle,
    failures,
    shown,
    wrote,
    [Symbol.asyncDispose]: async () => {
      handle.kill();
      if (handle.pid !== undefined) await handle.exited;
    },
  };
}

describe('a supervised process', () => {
  test('fails with its code and its last lines when it ends on its own', async () => {
    await using part = supervise('console.log("before"); console.error("broken"); process.exitCode = 3');
    await part.handle.start();
    expect(await part.handle.exited).toEqual({ code: 3, signal: null });
    expect(part.failures).toHaveLength(1);
    expect(part.failures[0]).toMatchObject({ name: 'part', exit: { code: 3 } });
    expect([...(part.failures[0]?.lastLines ?? [])].sort()).toEqual(['before', 'broken']);
  });

  test('fails also when it ends on its own with code 0', async () => {
    await using part = supervise('');
    await part.handle.start();
    await part.handle.exited;
    expect(part.failures).toHaveLength(1);
  });

  test('may finish after SIGTERM when it is stopped, without a failure', async () => {
    await using part = supervise(drainsOnSigterm);
    await part.handle.start();
    await part.wrote('up');
    expect(await part.handle.stop()).toEqual({ code: 0, signal: null });
    expect(part.handle.lines()).toContain('drained');
    expect(part.failures).toEqual([]);
  });

  test('is killed when it does not stop in time, and its output says so', async () => {
    await using part = supervise(ignoresSigterm, { stopTimeoutMs: 200 });
    await part.handle.start();
    await part.wrote('up');
    expect(await part.handle.stop()).toEqual({ code: null, signal: 'SIGKILL' });
    expect(part.handle.lines()).toContain('did not stop within 0.2 s and is killed');
  });

  test('can be started again after it was killed on purpose, without a failure', async () => {
    await using part = supervise(runsForEver);
    await part.handle.start();
    const first = part.handle.pid;
    part.handle.kill('SIGKILL');
    expect(await part.handle.exited).toEqual({ code: null, signal: 'SIGKILL' });
    expect(part.handle.running).toBe(false);
    expect(part.handle.pid).toBeUndefined();
    await part.handle.start();
    expect(part.handle.pid).not.toBe(first);
    expect(part.failures).toEqual([]);
  });

  test('fails when it dies while it is paused', async () => {
    await using part = supervise(runsForEver);
    await part.handle.start();
    part.handle.kill('SIGSTOP');
    process.kill(part.handle.pid ?? 0, 'SIGKILL');
    await part.handle.exited;
    expect(part.failures).toHaveLength(1);
  });

  test('takes its child processes with it when it dies', async () => {
    await using part = supervise(hasChild);
    await part.handle.start();
    await part.wrote('child');
    const child = Number(part.handle.lines().join('\n').split('child ')[1]?.split('\n')[0]);
    expect(processExists(child)).toBe(true);
    part.handle.expectExit();
    process.kill(part.handle.pid ?? 0, 'SIGKILL');
    await part.handle.exited;
    await waitUntil(() => !processExists(child) || `process ${child} still runs`, deadlineMs);
  });

  test('cannot start when its program does not exist, and the message names the program', async () => {
    await using part = supervise('', { command: '/nowhere/program' });
    await expect(part.handle.start()).rejects.toThrow('part could not be started (/nowhere/program in /)');
    expect(part.handle.running).toBe(false);
    expect(part.failures).toEqual([]);
  });

  test('rejects a second start while it runs', async () => {
    await using part = supervise(runsForEver);
    await part.handle.start();
    await expect(part.handle.start()).rejects.toThrow('already running');
  });

  test('stores its routine lines without showing them', async () => {
    await using part = supervise('console.log("[INF] up"); console.log("news")', {
      isRoutine: (line) => line.includes('[INF]'),
    });
    await part.handle.start();
    await part.handle.exited;
    expect(part.handle.lines()).toEqual(['[INF] up', 'news']);
    expect(part.shown).toEqual(['news']);
  });

  test('ends with its supervisor, even if that exits without stopping it', async () => {
    await using folder = await temporaryFolder();
    const script = await folder.write(
      'supervisor.mts',
      `import { superviseProcess } from ${JSON.stringify(join(import.meta.dirname, 'supervised-process.ts'))};
       const spec = { name: 'part', command: process.execPath, args: ['-e', ${JSON.stringify(runsForEver)}],
         cwd: '/', env: process.env, stopTimeoutMs: 1000 };
       const part = superviseProcess(spec, { onLine: () => {}, onFailure: () => {} });
       await part.start();
       console.log(part.pid);
       process.exit(0);`,
    );
    const tsx = import.meta.resolve('tsx');
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', tsx, script]);
    const pid = Number(stdout);
    expect(pid).toBeGreaterThan(0);
    await waitUntil(() => !processExists(pid) || `process ${pid} still runs`, deadlineMs);
  });
});

describe('failureText', () => {
  test('names the process, how it ended and its last lines', () => {
    const failure = { name: 'storefront', exit: { code: 1, signal: null }, lastLines: ['one', 'two'] };
    expect(failureText(failure)).toBe('storefront ended with code 1. Its last lines:\n  one\n  two');
  });

  test('names the signal of a process that was killed', () => {
    const exit = { code: null, signal: 'SIGKILL' as const };
    expect(failureText({ name: 'broker', exit, lastLines: [] })).toBe(
      'broker was ended by SIGKILL. It wrote nothing.',
    );
  });
});
