import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { digestOf, mediaTypes, openRepository } from './registry.js';

const manifest = Buffer.from('{"manifests":[]}');

/** A registry of one manifest, which lets nobody in before `answer` has nothing against it. */
async function registry(
  answer: (request: IncomingMessage, response: ServerResponse, url: string) => boolean,
) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.headers.authorization ?? 'nobody'} ${request.url ?? ''}`);
    const { port } = server.address() as AddressInfo;
    if (!answer(request, response, `http://127.0.0.1:${port}`)) return;
    response.setHeader('content-type', mediaTypes.index);
    response.end(manifest);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    asked,
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

describe('openRepository', () => {
  test('proves who asks by a token, where the registry names who gives one', async () => {
    await using shop = await registry((request, response, url) => {
      if (request.url?.startsWith('/token') === true) {
        response.end(JSON.stringify({ token: 'for-an-hour' }));
        return false;
      }
      if (request.headers.authorization === 'Bearer for-an-hour') return true;
      response.setHeader(
        'www-authenticate',
        `Bearer realm="${url}/token",service="shop",scope="repository:unity/shop:pull"`,
      );
      response.writeHead(401).end();
      return false;
    });
    const repository = openRepository(shop.name, ada);
    expect((await repository.manifest('1.0.0'))?.digest).toBe(digestOf(manifest));
    await repository.manifest('1.0.0');
    expect(shop.asked).toEqual([
      'nobody /v2/unity/shop/manifests/1.0.0',
      `${basic} /token?service=shop&scope=repository%3Aunity%2Fshop%3Apull`,
      'Bearer for-an-hour /v2/unity/shop/manifests/1.0.0',
      'Bearer for-an-hour /v2/unity/shop/manifests/1.0.0',
    ]);
  });

  test('proves who asks by password, where the registry wants that', async () => {
    await using shop = await registry((request, response) => {
      if (request.headers.authorization === basic) return true;
      response.writeHead(401, { 'www-authenticate': 'Basic realm="shop"' }).end();
      return false;
    });
    expect(await openRepository(shop.name, ada).manifest('1.0.0')).toBeDefined();
  });

  test('says what to set when nobody may do this, and nothing of the password', async () => {
    await using shop = await registry((_request, response) => {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="shop"' }).end('{"errors":[]}');
      return false;
    });
    const asking = openRepository(shop.name, ada).manifest('1.0.0');
    await expect(asking).rejects.toThrow(/401.*REGISTRY_USER and REGISTRY_TOKEN/);
    await expect(asking).rejects.not.toThrow('p:ss');
  });

  test('refuses what comes under a digest and is something else', async () => {
    await using shop = await registry(() => true);
    const other = digestOf(Buffer.from('other'));
    await expect(openRepository(shop.name).manifest(other)).rejects.toThrow('with something else');
  });

  test('has nothing where the registry has nothing', async () => {
    await using shop = await registry((_request, response) => {
      response.writeHead(404).end();
      return false;
    });
    expect(await openRepository(shop.name).manifest('1.0.0')).toBeUndefined();
  });
});
