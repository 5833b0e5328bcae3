import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { digestOf, mediaTypes, openRepository } from '../../tools/release/registry.js';

const index = Buffer.from(JSON.stringify({ mediaType: mediaTypes.index, manifests: [] }));

/** A registry that answers every request with the same index, unless `answer` has answered it and returns true. */
async function startFakeRegistry(
  answer: (request: IncomingMessage, response: ServerResponse, url: string) => boolean,
) {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.headers.authorization ?? 'anonymous'} ${request.url ?? ''}`);
    const { port } = server.address() as AddressInfo;
    if (answer(request, response, `http://127.0.0.1:${port}`)) return;
    response.setHeader('content-type', mediaTypes.index);
    response.end(index);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    requests,
    name: `127.0.0.1:${(server.address() as AddressInfo).port}/unity/shop`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const ada = { user: 'ada', password: 'p:ss' };
const basic = `Basic ${Buffer.from('ada:p:ss').toString('base64')}`;

function refuse(response: ServerResponse, challenge: string): boolean {
  response.writeHead(401, { 'www-authenticate': challenge }).end('{"errors":[{"code":"UNAUTHORIZED"}]}');
  return true;
}

describe('openRepository', () => {
  test('exchanges the credentials for a token when the registry requires a token', async () => {
    await using registry = await startFakeRegistry((request, response, url) => {
      if (request.url?.startsWith('/token') === true) {
        response.end(JSON.stringify({ token: 'for-an-hour' }));
        return true;
      }
      if (request.headers.authorization === 'Bearer for-an-hour') return false;
      return refuse(response, `Bearer realm="${url}/token",service="shop"`);
    });
    const repository = openRepository(registry.name, ada);
    expect((await repository.manifest('1.0.0'))?.digest).toBe(digestOf(index));
    expect(registry.requests).toEqual([
      'anonymous /v2/',
      `${basic} /token?scope=repository%3Aunity%2Fshop%3Apull&service=shop`,
      'Bearer for-an-hour /v2/unity/shop/manifests/1.0.0',
    ]);
  });

  test('sends the password when the registry requires a password', async () => {
    await using registry = await startFakeRegistry((request, response) =>
      request.headers.authorization === basic ? false : refuse(response, 'Basic realm="shop"'),
    );
    expect(await openRepository(registry.name, ada).manifest('1.0.0')).toBeDefined();
  });

  test('names the variables to set when access is denied, and hides the password', async () => {
    await using registry = await startFakeRegistry((_request, response) =>
      refuse(response, 'Basic realm="shop"'),
    );
    const reading = openRepository(registry.name, ada).manifest('1.0.0');
    await expect(reading).rejects.toThrow(/UNAUTHORIZED.*Set REGISTRY_USER and REGISTRY_TOKEN/);
    await expect(reading).rejects.not.toThrow('p:ss');
  });

  test('rejects content whose digest is not the requested one', async () => {
    await using registry = await startFakeRegistry(() => false);
    const other = digestOf(Buffer.from('other'));
    await expect(openRepository(registry.name).manifest(other)).rejects.toThrow(
      'does not match requested digest',
    );
  });

  test('resolves to undefined when the registry has no such manifest', async () => {
    await using registry = await startFakeRegistry((request, response) => {
      if (request.url === '/v2/') return false;
      response.writeHead(404).end();
      return true;
    });
    expect(await openRepository(registry.name).manifest('1.0.0')).toBeUndefined();
    expect(await openRepository(registry.name).imageConfig(digestOf(index))).toBeUndefined();
  });
});
