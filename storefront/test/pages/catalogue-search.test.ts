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
    if (shown.length === 0) expect(textOfPage(text)).toContain('No results for');
    expect(text).not.toContain('<script>');
  });

  test('compares words in the language of the page, whatever their case and accents', async () => {
    const { app } = createTestApp();
    const { text } = await request(app).get('/?q=gru%CC%88ner').set('Accept-Language', 'de').expect(200);
    expect(text).toContain('Grüner Tee');
  });
});
