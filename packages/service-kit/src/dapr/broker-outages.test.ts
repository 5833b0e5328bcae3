import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { createLogger } from '../logs/logger.js';
import { acceptsConnections, recoverFromBrokerOutages } from './broker-outages.js';

const hosts = [{ host: '127.0.0.1', port: 1 }];
const quiet = createLogger('test', { level: 'silent', format: 'json' });

/** Watches a broker that answers the looks as listed, then ends the watch. Returns after how many looks the sidecar was ended. */
async function watch(answers: readonly boolean[], outageMaxMs: number, failure?: Error): Promise<number[]> {
  const ends: number[] = [];
  const end = new AbortController();
  const left = [...answers];
  await recoverFromBrokerOutages({
    hosts,
    outageMaxMs,
    isThere: () => {
      const answer = left.shift() ?? true;
      if (left.length === 0) end.abort();
      return Promise.resolve(answer);
    },
    endSidecar: () => {
      ends.push(answers.length - left.length);
      return failure === undefined ? Promise.resolve() : Promise.reject(failure);
    },
    logger: quiet,
    signal: end.signal,
    intervalMs: 2,
    spreadMs: 0,
  });
  return ends;
}

describe('recoverFromBrokerOutages', () => {
  test('ends the sidecar once, when the broker is back after a long outage', async () => {
    expect(await watch([true, false, false, false, true, true, true], 0)).toEqual([5]);
  });

  test('leaves the sidecar alone during an outage, after a short one, and without one', async () => {
    expect(await watch([true, false, false, false], 0)).toEqual([]);
    expect(await watch([true, false, true, true], 60_000)).toEqual([]);
    expect(await watch([true, true, true], 0)).toEqual([]);
  });

  test('notices the next outage, also if the sidecar could not be ended', async () => {
    const answers = [false, true, true, false, true, true];
    expect(await watch(answers, 0, new Error('it does not answer'))).toEqual([2, 5]);
  });

  test('sees whether one of the members accepts connections', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const end = new AbortController();
    let ended = 0;
    let sawItAway: () => void = () => undefined;
    const away = new Promise<void>((resolve) => (sawItAway = resolve));
    const watching = recoverFromBrokerOutages({
      hosts: [...hosts, { host: '127.0.0.1', port }],
      outageMaxMs: 0,
      isThere: async (members) => {
        const isThere = await acceptsConnections(members);
        if (!isThere) sawItAway();
        return isThere;
      },
      endSidecar: () => {
        ended += 1;
        end.abort();
        return Promise.resolve();
      },
      logger: quiet,
      signal: end.signal,
      intervalMs: 20,
      spreadMs: 0,
    });
    await new Promise((resolve) => server.close(resolve));
    await away;
    expect(ended).toBe(0);
    server.listen(port, '127.0.0.1');
    await watching;
    expect(ended).toBe(1);
    await new Promise((resolve) => server.close(resolve));
  });
});
