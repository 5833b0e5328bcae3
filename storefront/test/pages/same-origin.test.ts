import { describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { createTestApp } from '../fakes/test-app.js';

type Headers = Record<string, string>;
type Settings = Parameters<typeof createTestApp>[0];

/** The status of a form: 303 if the shop accepts it as its own. */
async function statusOf(headers: Headers, settings: Settings = {}, method: 'post' | 'put' = 'post') {
  const { app } = createTestApp(settings);
  const form = request(app)[method]('/language').type('form').set(headers);
  return (await form.send({ language: 'de' })).status;
}

const secure: Settings = { behindTls: true };
const proxied: Settings = { trustedProxies: 1 };
const published: Settings = { publicUrl: 'https://Shop.Example:443', trustedProxies: 1 };

describe('a form is accepted from the shop’s own origin', () => {
  test.each<[what: string, headers: Headers, settings: Settings]>([
    ['by name', { Origin: 'http://shop.example', Host: 'shop.example' }, {}],
    ['by name and port', { Origin: 'http://shop.example:8080', Host: 'shop.example:8080' }, {}],
    ['in another case', { Origin: 'http://shop.example', Host: 'SHOP.example' }, {}],
    ['with the default port of HTTP', { Origin: 'http://shop.example', Host: 'shop.example:80' }, {}],
    ['with the default port of HTTPS', { Origin: 'https://shop.example', Host: 'shop.example:443' }, secure],
    [
      'behind a proxy for HTTPS that says nothing',
      { Origin: 'https://shop.example', Host: 'shop.example' },
      {},
    ],
    ['in Unicode', { Origin: 'http://xn--bcher-kva.example', Host: 'xn--bcher-KVA.example' }, {}],
    ['by address', { Origin: 'http://127.0.0.1:8080', Host: '127.0.0.1:8080' }, {}],
    ['by IPv6 address', { Origin: 'http://[::1]:8080', Host: '[0:0:0:0:0:0:0:1]:8080' }, {}],
    [
      'behind a trusted proxy that says so',
      {
        Origin: 'https://shop.example',
        Host: 'storefront:8080',
        'X-Forwarded-Host': 'Shop.example:443',
        'X-Forwarded-Proto': 'https',
      },
      proxied,
    ],
    [
      'behind two proxies that add to the headers',
      {
        Origin: 'https://shop.example',
        Host: 'storefront:8080',
        'X-Forwarded-Host': 'shop.example, edge.internal',
        'X-Forwarded-Proto': 'https, http',
      },
      proxied,
    ],
    ['that is the public address', { Origin: 'https://shop.example', Host: 'storefront:8080' }, published],
    ['that the browser confirms', { 'Sec-Fetch-Site': 'same-origin', Host: 'storefront:8080' }, published],
    [
      'that the browser names without comparing',
      { 'Sec-Fetch-Site': 'none', Origin: 'http://shop.example', Host: 'shop.example' },
      {},
    ],
  ])('%s', async (_what, headers, settings) => {
    expect(await statusOf(headers, settings)).toBe(303);
  });
});

describe('a form is refused', () => {
  test.each<[what: string, headers: Headers, settings: Settings]>([
    ['without any origin', { Host: 'shop.example' }, {}],
    ['from nowhere', { Origin: 'null', Host: 'shop.example' }, {}],
    ['from another site', { Origin: 'http://evil.example', Host: 'shop.example' }, {}],
    ['from another port', { Origin: 'http://shop.example:8081', Host: 'shop.example:8080' }, {}],
    ['from the default port', { Origin: 'http://shop.example', Host: 'shop.example:8080' }, {}],
    ['from the port of the other scheme', { Origin: 'http://shop.example', Host: 'shop.example:443' }, {}],
    ['from another scheme', { Origin: 'http://shop.example', Host: 'shop.example' }, secure],
    [
      'from another scheme behind a trusted proxy that names its own',
      { Origin: 'http://shop.example', Host: 'shop.example', 'X-Forwarded-Proto': 'https' },
      proxied,
    ],
    ['from a subdomain', { Origin: 'http://evil.shop.example', Host: 'shop.example' }, {}],
    ['from a file of the shop', { Origin: 'blob:http://shop.example/0', Host: 'shop.example' }, {}],
    ['from a scheme that is not the web’s', { Origin: 'ftp://shop.example', Host: 'shop.example' }, {}],
    ['from a list of origins', { Origin: 'http://shop.example, x', Host: 'shop.example' }, {}],
    ['if the host is not a host', { Origin: 'http://evil.example', Host: 'shop.example@evil.example' }, {}],
    ['if the host is a path', { Origin: 'http://evil.example', Host: 'evil.example/shop.example' }, {}],
    [
      'if an untrusted client names the host',
      { Origin: 'http://evil.example', Host: 'shop.example', 'X-Forwarded-Host': 'evil.example' },
      {},
    ],
    [
      'if the proxy names an unknown scheme',
      { Origin: 'http://shop.example', Host: 'shop.example', 'X-Forwarded-Proto': 'javascript' },
      proxied,
    ],
    [
      'if the public address is another than the host, which could be any name for the server',
      { Origin: 'https://storefront:8080', Host: 'storefront:8080', 'X-Forwarded-Host': 'storefront:8080' },
      published,
    ],
    [
      'if the browser says that another site sent it',
      { 'Sec-Fetch-Site': 'cross-site', Origin: 'http://shop.example', Host: 'shop.example' },
      {},
    ],
    [
      'if the browser says that a subdomain sent it',
      { 'Sec-Fetch-Site': 'same-site', Origin: 'http://shop.example', Host: 'shop.example' },
      {},
    ],
    ['if the browser says nothing about it', { 'Sec-Fetch-Site': 'none', Host: 'shop.example' }, {}],
  ])('%s', async (_what, headers, settings) => {
    expect(await statusOf(headers, settings)).toBe(403);
  });

  test('with every method that changes something', async () => {
    expect(await statusOf({ Origin: 'http://evil.example', Host: 'shop.example' }, {}, 'put')).toBe(403);
  });
});

test('the API also accepts a request that names no origin, in any spelling of its path', async () => {
  const { app } = createTestApp();
  for (const path of ['/api/purchases', '/API/purchases'])
    expect((await request(app).post(path).send({})).status).toBe(401);
});
