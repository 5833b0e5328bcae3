import request from 'supertest';
import { textOfPage } from './html.js';
import { createTestApp, sameSite } from './test-app.js';

/** A client that keeps cookies. */
export type Agent = ReturnType<typeof request.agent>;

/** A client of a new shop that is not signed in. */
export function newVisitor() {
  const shop = createTestApp();
  return { ...shop, agent: request.agent(shop.app) };
}

/** Sends a form from a page of the shop. */
export function postForm(agent: Agent, path: string, fields: object): request.Test {
  return sameSite(agent.post(path)).type('form').send(fields);
}

/** Sends the form that adds an item to the basket. */
export function addToBasket(agent: Agent, sku: string, quantity = '1', amount?: string): request.Test {
  return postForm(agent, '/basket', { sku, quantity, ...(amount === undefined ? {} : { amount }) });
}

/** The fields of the form with this action on a page, as a browser sends them. Quantities and amounts are as the page shows them. */
export function formIn(html: string, action: string): Record<string, string | string[]> {
  const start = html.indexOf(`action="${action}"`);
  const form = html.slice(start, html.indexOf('</form>', start));
  const fields: Record<string, string | string[]> = {};
  for (const [input] of form.matchAll(/<input[^>]*>/g)) {
    const name = attributeOf(input, 'name');
    const value = attributeOf(input, 'value') ?? '';
    if (name === undefined) continue;
    const earlier = fields[name];
    fields[name] = earlier === undefined ? value : [earlier, value].flat();
  }
  return fields;
}

const attributeOf = (tag: string, name: string) => new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1];

/** The text of the basket page. */
export async function readBasket(agent: Agent): Promise<string> {
  return textOfPage((await agent.get('/basket').expect(200)).text);
}
