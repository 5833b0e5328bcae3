import { describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { textOfPage } from '../fakes/html.js';
import { createTestApp } from '../fakes/test-app.js';

describe('the catalogue search', () => {
  test.each([
    ['/?q=TEAPOT', ['Teapot'], ['Mug']],
    ['/?q=stoneware%20mug', ['Mug'], ['Teapot']],
    ['/?q=caf%C3%A9', [], ['Mug']],
    ['/?category=kitchen', ['Honey', 'Olive oil'], ['Mug', 'Any amount']],
    ['/?category=kitchen&q=oil', ['Olive oil'], ['Honey']],
    ['/?category=nothing', ['Mug', 'Any amount'], []],
    ['/?q=%3Cscript%3E', [], ['Mug', '<script>']],
  ])('at %s shows %j but not %j', async (path, shown, hidden) => {
    const { app } = createTestApp();
    const { text } = await request(app).get(path).expect(200);
    const titles = [...text.matchAll(/product-card__title">([^<]+)/g)].map(([, title]) => title);
    expect(titles).toEqual(expect.arrayContaining(shown));
    for (const title of hidden) expect(titles).not.toContain(title);
    if (shown.length === 0) expect(textOfPage(text)).toContain('No results');
    expect(text).not.toContain('<script>');
  });

  test('has a title of its own', async () => {
    const { app } = createTestApp();
    const { text } = await request(app).get('/?q=mug').expect(200);
    expect(text).toContain('<title>Results for “mug” – Unity</title>');
  });

  test('says when it searched only for the beginning of what was typed', async () => {
    const { app } = createTestApp();
    const { text } = await request(app)
      .get('/')
      .query({ q: `mug ${'🙂'.repeat(200)}` })
      .expect(200);
    expect(textOfPage(text)).toContain('Your search was too long. We searched for its first 100 characters.');
    expect(text).toContain(`value="mug ${'🙂'.repeat(96)}"`);
    const short = await request(app).get('/?q=mug').expect(200);
    expect(short.text).not.toContain('too long');
  });

  test.each([
    ['en', 'cups', 'Mug'],
    ['en', 'mugs', 'Mug'],
    ['de', 'kueche', 'Olivenöl'],
  ])('finds in %s by %j', async (language, q, title) => {
    const { app } = createTestApp();
    const { text } = await request(app).get('/').query({ q }).set('Accept-Language', language).expect(200);
    expect(text).toContain(`product-card__title">${title}<`);
  });

  test('compares words in the language of the page, whatever their case and accents', async () => {
    const { app } = createTestApp();
    const { text } = await request(app).get('/?q=gru%CC%88ner').set('Accept-Language', 'de').expect(200);
    expect(text).toContain('Grüner Tee');
  });
});
