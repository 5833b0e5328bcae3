import { describe, expect, test } from '@jest/globals';
import type { Response } from 'supertest';
import request from 'supertest';
import { addToBasket, formIn, postForm, type Agent } from '../fakes/browser.js';
import { comeBack, createShopOf, startFakeIssuer } from '../fakes/fake-issuer.js';
import { createTestApp } from '../fakes/test-app.js';

const operatorToken = 'the-token-of-operators';

/** The longest customer number and name, in characters of three bytes. */
const id = '数'.repeat(128);
const name = '名'.repeat(100);

/** The size of the response's headers on the wire. */
const headerBytes = ({ headers }: Response) =>
  Object.entries(headers as Record<string, string | string[]>)
    .flatMap(([field, values]) => [values].flat().map((value) => `${field}: ${value}\r\n`))
    .join('').length;

/** Fills a basket with as many different items as it holds. */
async function fillBasket(agent: Agent): Promise<Response> {
  let last = await addToBasket(agent, 'cast-iron-pan', '99').expect(303);
  for (let line = 1; line < 20; line += 1)
    last = await addToBasket(agent, 'any-amount', '99', `99${line}.99`).expect(303);
  return last;
}

/** Buys the whole basket. The answer keeps the order for its page. */
async function buyEverything(agent: Agent): Promise<Response> {
  const { text } = await agent.get('/checkout').expect(200);
  return postForm(agent, '/purchases', formIn(text, '/purchases')).expect(303);
}

/** nginx reads the headers of a response into a buffer of one memory page by default, which is 4 kB on most machines. */
const pageBytes = 4_096;

/** Only a sign-in sends session and basket at once. docs/configuration.md names the setting for proxies. */
const signInBytesMax = 6 * 1_024;

describe('the headers of a response', () => {
  test('take less than 4 kB with a full basket and the longest names, and less than 6 kB for a sign-in', async () => {
    const agent = request.agent(createTestApp({ operatorToken }).app);
    const others = [await fillBasket(agent)];
    const signIn = await postForm(agent, '/sign-in', { id, name }).expect(303);
    others.push(
      await postForm(agent, '/operators/sign-in', { token: operatorToken }).expect(303),
      await postForm(agent, '/basket/change', { remove: 'cast-iron-pan' }).expect(303),
      await agent.get('/checkout').expect(200),
      await agent.get('/purchases').query({ month: 'x'.repeat(3_000) }),
      await agent.get('/sign-in').query({ returnTo: `/${'x'.repeat(3_000)}` }),
      await postForm(agent, '/currency', { currency: 'EUR', returnTo: `/${'ü'.repeat(3_000)}` }).expect(303),
      await buyEverything(agent),
      await postForm(agent, '/sign-out', {}).expect(303),
    );
    for (const response of others) expect(headerBytes(response)).toBeLessThan(pageBytes);
    expect(headerBytes(signIn)).toBeLessThan(signInBytesMax);
  });

  test('take no more on the way to an OpenID issuer and back, with a full basket and a long return address', async () => {
    await using fake = await startFakeIssuer();
    const { app } = createShopOf(fake.issuer);
    const agent = request.agent(app);
    await fillBasket(agent);
    const returnTo = `/?q=${'x'.repeat(690)}`;
    const start = await agent.get('/sign-in/start').query({ returnTo }).expect(303);
    expect(headerBytes(start)).toBeLessThan(pageBytes);
    const { response } = await comeBack(app, fake, { agent, sub: id, returnTo });
    expect(response.status).toBe(303);
    expect(headerBytes(response)).toBeLessThan(signInBytesMax);
  });
});
