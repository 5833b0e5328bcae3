import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { brokers, choicesOf, projectRoot, serverNamed, servers, stores } from '@unity-purchase/tools';
import { requireFree, run } from '../system/run-command.js';

/** The two fastest servers; the command treats all servers alike. */
const redis = brokers.redis.server;
const mosquitto = brokers.mqtt.server;

const [redisPort] = redis.defaultPorts;
const [mosquittoPort] = mosquitto.defaultPorts;

/** Long enough to download their packages on a fresh machine. */
const timeoutMs = 240_000;

async function npmRun(...args: string[]) {
  await using command = run('npm', ['run', ...args]);
  const code = await command.exited;
  return { code, output: command.output() };
}

const infra = (...args: string[]) => npmRun('infra', '--', ...args);

/** The process id that the command reports for a server. */
async function pidOf(name: string): Promise<number> {
  const { output } = await infra('status', name);
  const running = `running at localhost:${serverNamed(name).defaultPorts[0]}`;
  const pid = new RegExp(`^${name} +${running} \\(${name} (\\d+)\\)$`, 'm').exec(output)?.[1];
  if (pid === undefined) throw new Error(`${name} is not said to run, but: ${output}`);
  return Number(pid);
}

const recordFile = join(projectRoot, '.data', 'redis', 'running.json');

/** Records these processes as Redis, as the command does, but with another start time. */
async function recordProcesses(...pids: (number | undefined)[]): Promise<void> {
  const processes = pids.map((pid) => ({
    name: 'redis',
    pid,
    identity: '1',
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 1_000,
  }));
  await writeRecord(JSON.stringify({ processes }));
}

async function writeRecord(text: string): Promise<void> {
  await mkdir(dirname(recordFile), { recursive: true });
  await writeFile(recordFile, text);
}

describe('npm run infra', () => {
  beforeEach(() => requireFree([redisPort, mosquittoPort]));

  afterEach(async () => {
    await infra('down', 'redis', 'mosquitto');
    await rm(recordFile, { force: true });
  }, timeoutMs);

  test(
    'up starts a server that outlives the command, and the next up leaves it alone',
    async () => {
      const first = await infra('up', 'redis');
      expect(first.output).toContain(`Redis: started, at localhost:${redisPort}`);
      expect(first.code).toBe(0);
      expect(await redis.answers(redisPort)).toBe(true);
      const pid = await pidOf('redis');

      const second = await infra('up', 'redis');
      expect(second.output).toContain(`Redis: running already, at localhost:${redisPort}`);
      expect(second.code).toBe(0);
      expect(await pidOf('redis')).toBe(pid);
    },
    timeoutMs,
  );

  test(
    'down stops the server that it names and no other',
    async () => {
      await infra('up', 'redis', 'mosquitto');
      const pid = await pidOf('mosquitto');

      const { code, output } = await infra('down', 'redis');
      expect(output).toContain('Redis: stopped');
      expect(output).not.toContain('Mosquitto');
      expect(code).toBe(0);
      await requireFree([redisPort]);
      expect(await mosquitto.answers(mosquittoPort)).toBe(true);
      expect(await pidOf('mosquitto')).toBe(pid);

      await infra('down', 'mosquitto');
      await requireFree([mosquittoPort]);
      expect((await infra('status', 'mosquitto')).output).toMatch(/^mosquitto +stopped$/m);
    },
    timeoutMs,
  );

  test(
    'takes a server whose process is gone for stopped, and never touches who has its number now',
    async () => {
      await using stranger = run('sleep', ['600']);
      const gone = run('true', []);
      await gone.exited;
      await recordProcesses(gone.child.pid, stranger.child.pid);

      expect((await infra('status', 'redis')).output).toMatch(/^redis +stopped$/m);
      const { code, output } = await infra('down', 'redis');
      expect(output).not.toContain('Redis: stopped');
      expect(code).toBe(0);

      await recordProcesses(gone.child.pid, stranger.child.pid);
      expect((await infra('up', 'redis')).output).toContain('Redis: started');
      expect((await infra('down', 'redis')).output).toContain('Redis: stopped');
      expect([stranger.child.exitCode, stranger.child.signalCode]).toEqual([null, null]);
    },
    timeoutMs,
  );

  test('names an unreadable process record and keeps it', async () => {
    await writeRecord('{"processes":');
    for (let again = 0; again < 2; again += 1) {
      const { code, output } = await infra('down', 'redis');
      expect(output).toContain(`${recordFile} cannot be read`);
      expect(code).toBe(1);
    }
  });

  test(
    'up brings back a server of which a part has died, although the rest still answers',
    async () => {
      const mongodb = stores.mongodb.server;
      await requireFree(mongodb.defaultPorts);
      try {
        await infra('up', 'mongodb');
        const database = /documentdb (\d+)/.exec((await infra('status', 'mongodb')).output)?.[1];
        process.kill(Number(database), 'SIGKILL');
        expect((await infra('status', 'mongodb')).output).toMatch(/^mongodb +started, but not working/m);

        expect((await infra('up', 'mongodb')).output).toContain(`${mongodb.title}: started`);
        const whole = /^mongodb +running at localhost:27017 \(documentdb \d+, mongodb \d+\)$/m;
        expect((await infra('status', 'mongodb')).output).toMatch(whole);
      } finally {
        await infra('down', 'mongodb');
      }
    },
    timeoutMs,
  );

  test('up names the taken port, starts nothing and exits with 1 when another process listens there', async () => {
    const other = createServer().listen(redisPort, '127.0.0.1');
    await once(other, 'listening');
    try {
      const { code, output } = await infra('up', 'redis');
      expect(output).toContain(`${redisPort}, needed by redis`);
      expect(code).toBe(1);
    } finally {
      other.close();
    }
    expect((await infra('status', 'redis')).output).toMatch(/^redis +stopped$/m);
  });
});

describe('npm run infra with wrong arguments', () => {
  test.each(['up', 'down', 'status'])(
    '%s with an unknown name lists those there are, exits with 64',
    async (action) => {
      const { code, output } = await infra(action, 'redis', 'pigeons');
      expect(output).toContain('pigeons');
      expect(output).toContain(servers.map(({ name }) => name).join(', '));
      expect(code).toBe(64);
    },
  );

  test.each([{ args: [] }, { args: ['up'] }, { args: ['restart', 'redis'] }])(
    'with $args explains itself and exits with 64',
    async ({ args }) => {
      const { code, output } = await infra(...args);
      expect(output).toContain('Usage: npm run infra -- ACTION [NAME...]');
      expect(code).toBe(64);
    },
  );
});

test('npm run provision lists the available brokers when it is given an unknown one', async () => {
  const { code, output } = await npmRun('provision', '--', '--broker', 'pigeons');
  expect(output).toContain((await choicesOf('broker', projectRoot)).join(', '));
  expect(code).not.toBe(0);
});
