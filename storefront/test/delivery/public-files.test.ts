import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import express from 'express';
import { servePublicFiles } from '../../src/middleware/public-files.js';
import { readPublicFiles } from '../../src/pages/public-files.js';
import { publicFolder } from '../../src/pages/views.js';
import { contentOf, serveRaw, type RawClient } from '../fakes/raw-answers.js';
import { createTestApp } from '../fakes/test-app.js';

const aYear = 'public, max-age=31536000, immutable';

let shop: RawClient;
let style: string;

beforeAll(async () => {
  shop = await serveRaw(createTestApp().app);
  const page = (await shop.ask('/')).body.toString();
  style = /<link rel="stylesheet" href="([^"]+)"/.exec(page)?.[1] ?? '';
});

afterAll(() => shop[Symbol.asyncDispose]());

/** The text of a file in the folder `public`. */
const original = (name: string) => readFile(join(publicFolder, name));

describe('a public file', () => {
  test('has an address with the hash of its content, and is cached there for a year', async () => {
    expect(style).toMatch(/^\/style\.[0-9a-f]{10}\.css$/);
    const answer = await shop.ask(style);
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      'cache-control': aYear,
      'content-type': 'text/css; charset=utf-8',
      'x-content-type-options': 'nosniff',
    });
    expect(answer.body).toEqual(await original('style.css'));
  });

  test.each([
    ['gzip, deflate, br, zstd', 'br'],
    ['br;q=0.5', 'br'],
    ['*', 'br'],
    ['gzip, deflate', 'gzip'],
    ['br;q=0, gzip', 'gzip'],
    ['gzip;q=0, br;q=0', undefined],
    ['deflate', undefined],
    ['identity', undefined],
    ['', undefined],
    ['nonsense;;q=x,,', undefined],
  ])('is answered to Accept-Encoding %j in the encoding %s', async (accepted, encoding) => {
    const answer = await shop.ask(style, { 'Accept-Encoding': accepted });
    expect(answer.headers['content-encoding']).toBe(encoding);
    expect(answer.headers['vary']).toContain('Accept-Encoding');
    expect(answer.headers['content-length']).toBe(String(answer.body.length));
    const content = await original('style.css');
    expect(contentOf(answer)).toEqual(content);
    if (encoding !== undefined) expect(answer.body.length).toBeLessThan(content.length / 3);
  });

  test('that compression does not make smaller is sent as it is', async () => {
    const answer = await shop.ask('/apple-touch-icon.png', { 'Accept-Encoding': 'br' });
    expect(answer.headers).toMatchObject({ 'content-type': 'image/png' });
    expect(answer.headers).not.toHaveProperty('content-encoding');
    expect(answer.body).toEqual(await original('apple-touch-icon.png'));
  });

  test.each(['br', 'gzip', 'identity'])(
    'in the encoding %s is not sent again while it is unchanged',
    async (encoding) => {
      const { headers } = await shop.ask(style, { 'Accept-Encoding': encoding });
      const { etag = '' } = headers;
      const again = await shop.ask(style, { 'Accept-Encoding': encoding, 'If-None-Match': etag });
      expect([again.status, again.body.length]).toEqual([304, 0]);
      expect(again.headers).toMatchObject({ etag, 'cache-control': aYear, vary: 'Accept-Encoding' });
      expect(again.headers).not.toHaveProperty('content-encoding');
      const changed = await shop.ask(style, { 'Accept-Encoding': encoding, 'If-None-Match': '"other"' });
      expect(changed.status).toBe(200);
    },
  );

  test('has an entity tag for each encoding, so that caches do not take one for another', async () => {
    const tags = await Promise.all(
      ['br', 'gzip', 'identity'].map(async (encoding) => {
        const { headers } = await shop.ask(style, { 'Accept-Encoding': encoding });
        return headers.etag;
      }),
    );
    expect(new Set(tags).size).toBe(3);
    for (const tag of tags) expect(tag).toMatch(/^"[\w-]+"$/);
  });

  test.each(['br', 'identity'])('is answered to HEAD like to GET, without a body: %s', async (encoding) => {
    const accept = { 'Accept-Encoding': encoding };
    const { date: _date, ...headers } = (await shop.ask(style, accept)).headers;
    const head = await shop.ask(style, accept, 'HEAD');
    expect([head.status, head.body.length]).toEqual([200, 0]);
    expect(head.headers).toMatchObject({ ...headers, 'x-request-id': expect.anything() as unknown });
  });

  test('has its plain name, too, with a short life in caches', async () => {
    for (const name of ['style.css', 'favicon.svg', 'robots.txt', 'pictures/mug.svg', 'site.webmanifest']) {
      const answer = await shop.ask(`/${name}`, { 'Accept-Encoding': 'br' });
      expect([name, answer.status]).toEqual([name, 200]);
      expect(answer.headers).toMatchObject({ 'cache-control': 'public, max-age=3600' });
      expect(answer.headers).toHaveProperty('etag');
      expect(contentOf(answer)).toEqual(await original(name));
    }
  });

  test.each([
    '/nothing.0123456789.css',
    '/pictures/unicorn.0123456789.svg',
    '/0123456789.css',
    '/pictures',
    '/pictures/',
    '/pictures/../style.css',
    '/..%2fcatalogue.json',
    '/../catalogue.0123456789.json',
    '/__proto__',
    '/constructor',
  ])('does not exist at %s, which is answered with the page for 404', async (path) => {
    const answer = await shop.ask(path);
    expect(answer.status).toBe(404);
    expect(answer.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'private, no-store',
    });
  });

  test('is only read: other methods do not get it', async () => {
    for (const method of ['POST', 'PUT', 'DELETE'])
      expect((await shop.ask(style, { 'Sec-Fetch-Site': 'same-origin' }, method)).status).toBe(404);
  });
});

describe('while replicas of two versions answer', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'public-files-'));
  });

  afterAll(() => rm(folder, { recursive: true }));

  async function replica(version: string, files: Record<string, string>) {
    for (const [name, content] of Object.entries(files)) {
      const path = join(folder, version, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, content);
    }
    const publicFiles = readPublicFiles(join(folder, version));
    return { publicFiles, client: await serveRaw(express().use(servePublicFiles(publicFiles))) };
  }

  test('a file of the other version is answered with the own one, which no cache keeps', async () => {
    const old = await replica('old', { 'a/style.css': 'old' });
    const updated = await replica('new', { 'a/style.css': 'new' });
    await using oldClient = old.client;
    await using newClient = updated.client;
    const address = updated.publicFiles.addressOf('a/style.css');
    expect(address).not.toBe(old.publicFiles.addressOf('a/style.css'));
    const early = await oldClient.ask(address);
    expect([early.status, early.body.toString(), early.headers['cache-control']]).toEqual([
      200,
      'old',
      'no-cache',
    ]);
    const later = await newClient.ask(address, { 'If-None-Match': early.headers.etag ?? '' });
    expect([later.status, later.body.toString(), later.headers['cache-control']]).toEqual([
      200,
      'new',
      aYear,
    ]);
  });

  test('a file of any name is compressed once for all who ask for it', async () => {
    const { publicFiles, client } = await replica('once', { 'x.css': 'a {} '.repeat(100) });
    await using _served = client;
    const file = publicFiles.find('/x.css')?.file;
    const [first, second] = await Promise.all([file?.encode('br'), file?.encode('br')]);
    expect(first?.encoding).toBe('br');
    expect(second?.content).toBe(first?.content);
  });

  test('hidden files are not public', async () => {
    const { client } = await replica('hidden', { '.env': 'secret', '.git/config': 'secret', 'x.txt': 'x' });
    await using served = client;
    expect((await served.ask('/x.txt')).status).toBe(200);
    for (const path of ['/.env', '/.git/config']) expect((await served.ask(path)).status).toBe(404);
  });
});
