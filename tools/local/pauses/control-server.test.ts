import { connect } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { partPausePath, partsPath } from '@unity-purchase/contracts';
import { serveControl } from './control-server.js';
import type { Pauses } from './pauses.js';

const token = 'the-token-of-the-runner';

async function served() {
  const asked: [part: string, seconds: number][] = [];
  const pauses: Pauses = {
    states: () => [{ part: 'store', title: 'Redis', pausedMs: 7 }],
    pause: (part, seconds) => {
      asked.push([part, seconds]);
      return Promise.resolve(
        part === 'store' ? 'paused' : part === 'broker' ? 'already-paused' : 'unknown-part',
      );
    },
    end: () => undefined,
  };
  const server = await serveControl(pauses, token);
  const send = async (method: string, path: string, authorization = `Bearer ${token}`, body?: string) => {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`, {
      method,
      headers: { authorization },
      ...(body === undefined ? {} : { body }),
    });
    return { status: response.status, body: await response.json() };
  };
  return { asked, send, port: server.port, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

const states = { parts: [{ part: 'store', title: 'Redis', pausedMs: 7 }] };

describe('the control endpoint', () => {
  test('lists the parts and pauses one', async () => {
    await using control = await served();
    expect(await control.send('GET', partsPath)).toEqual({ status: 200, body: states });
    expect(await control.send('POST', partPausePath('store', 30))).toEqual({ status: 200, body: states });
    expect(control.asked).toEqual([['store', 30]]);
  });

  test.each(['', 'Bearer', 'Bearer wrong', token, `Basic ${token}`, `Bearer ${token}x`])(
    'refuses everything with the authorization %j',
    async (authorization) => {
      await using control = await served();
      expect((await control.send('GET', partsPath, authorization)).status).toBe(401);
      expect((await control.send('POST', partPausePath('store', 30), authorization)).status).toBe(401);
      expect(control.asked).toEqual([]);
    },
  );

  test.each([
    '',
    '?seconds=',
    '?seconds=0',
    '?seconds=61',
    '?seconds=1.5',
    '?seconds=-1',
    '?seconds=forever',
  ])('refuses a pause with %j, so that no pause is longer than a minute', async (query) => {
    await using control = await served();
    expect((await control.send('POST', `/parts/store/pause${query}`)).status).toBe(400);
    expect(control.asked).toEqual([]);
  });

  test.each([
    ['POST', partPausePath('broker', 10), 409],
    ['POST', partPausePath('purchase-service', 10), 404],
    ['POST', `/parts/${'x'.repeat(50)}/pause?seconds=10`, 404],
    ['GET', partPausePath('store', 10), 405],
    ['POST', partsPath, 405],
    ['GET', '/', 404],
    ['GET', '//', 404],
  ])('answers %s %s with %s', async (method, path, status) => {
    await using control = await served();
    expect((await control.send(method, path)).status).toBe(status);
  });

  test('does not read a large body', async () => {
    await using control = await served();
    const socket = connect(control.port, '127.0.0.1');
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined).resume();
    socket.write(
      `POST ${partsPath} HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n${'x'.repeat(100_000)}`,
    );
    await closed;
    expect((await control.send('GET', partsPath)).status).toBe(200);
  });

  test('is closed with the system', async () => {
    const control = await served();
    await control[Symbol.asyncDispose]();
    await expect(control.send('GET', partsPath)).rejects.toThrow();
  });
});
