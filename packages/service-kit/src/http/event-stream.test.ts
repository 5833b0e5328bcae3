import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { eventText, openEventStream, type EventStream } from './event-stream.js';

let server: http.Server | undefined;

afterEach(async () => {
  server?.closeAllConnections();
  await new Promise<void>((resolve) => {
    if (server === undefined) resolve();
    else
      server.close(() => {
        resolve();
      });
  });
  server = undefined;
});

/** Opens a stream and returns both of its ends. */
async function openStream(heartbeatMs?: number) {
  let opened: EventStream | undefined;
  const started = http.createServer((_request, response) => {
    opened = openEventStream(response, heartbeatMs);
  });
  server = started;
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
  const response = await fetch(`http://127.0.0.1:${(started.address() as AddressInfo).port}`);
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (opened === undefined || reader === undefined) throw new Error('the stream did not open');
  let text = '';
  const readUntil = async (pattern: RegExp): Promise<string> => {
    while (!pattern.test(text)) {
      const { done, value = '' } = await reader.read();
      if (done) throw new Error(`the stream ended after ${text}`);
      text += value;
    }
    return text;
  };
  return { stream: opened, response, readUntil, reader };
}

describe('openEventStream', () => {
  test('ends at once if the client has already disconnected', async () => {
    const client = new AbortController();
    const ended = new Promise<void>((resolve) => {
      server = http.createServer((_request, response) => {
        response.once('close', () => {
          void openEventStream(response).ended.then(resolve);
        });
        client.abort();
      });
    });
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    const { port } = server?.address() as AddressInfo;
    await fetch(`http://127.0.0.1:${port}`, { signal: client.signal }).catch(() => undefined);
    await ended;
  });

  test('sends the reconnection time first, and then heartbeats', async () => {
    const { response, readUntil } = await openStream(5);
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(await readUntil(/(: still here\n\n){3}/)).toMatch(/^retry: 2000\n\n/);
  });

  test('delivers the events that are sent before its end', async () => {
    const { stream, readUntil, reader } = await openStream();
    stream.send({ event: 'changed', id: '7', data: 'x' });
    expect(await readUntil(/data: x\n\n/)).toContain('event: changed\nid: 7\n');
    stream.end();
    stream.send({ event: 'changed', id: '8', data: 'y' });
    expect((await reader.read()).done).toBe(true);
    await stream.ended;
  });

  test('ends when the client disconnects', async () => {
    const { stream, reader } = await openStream();
    await reader.cancel();
    await stream.ended;
  });

  test('ends for a client that does not read', async () => {
    const { stream } = await openStream();
    for (let count = 0; count < 1_000; count += 1)
      stream.send({ event: 'changed', id: String(count), data: 'x'.repeat(100_000) });
    await stream.ended;
  });
});

describe('eventText', () => {
  test('writes the name, the id and the data', () => {
    expect(eventText({ event: 'changed', id: '7', data: '' })).toBe('event: changed\nid: 7\ndata: \n\n');
  });

  test('splits data into lines at any kind of line break', () => {
    expect(eventText({ event: 'changed', id: '7', data: 'a\nb\r\nc\rd' })).toBe(
      'event: changed\nid: 7\ndata: a\ndata: b\ndata: c\ndata: d\n\n',
    );
  });

  test.each([
    ['a\nevent: other', '1'],
    ['changed', '1\rdata: other'],
    ['changed', '1\0'],
  ])('refuses the name %j with the id %j', (event, id) => {
    expect(() => eventText({ event, id, data: '' })).toThrow(TypeError);
  });
});
