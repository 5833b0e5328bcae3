import { expect, test } from '@jest/globals';
import { amountMax, linesMax, quantityMax } from '@unity-purchase/contracts';
import request from 'supertest';
import { createTestApp } from '../fakes/test-app.js';

const catalogue = {
  currencies: ['EUR', 'USD'],
  categories: [{ id: 'kitchen', title: { en: 'Kitchen', de: 'Küche' } }],
  products: [
    {
      sku: 'mug',
      title: { en: 'Mug', de: 'Becher' },
      description: 'Holds tea',
      category: 'kitchen',
      prices: { EUR: 1600 },
      picture: 'mug.svg',
    },
  ],
  anyAmount: {
    sku: 'gift',
    title: 'Gift',
    description: { en: 'Any amount', de: 'Ein beliebiger Betrag' },
    bounds: { EUR: { min: 100, max: 50_000 } },
  },
};

test('GET /api/catalogue says what an order can contain and what it costs, to anyone and in all languages', async () => {
  const response = await request(createTestApp({ catalogue }).app).get('/api/catalogue');
  expect(response.status).toBe(200);
  expect(response.body).toEqual({
    currencies: ['EUR', 'USD'],
    limits: { lines: linesMax, quantity: quantityMax, total: amountMax },
    categories: [{ id: 'kitchen', title: { en: 'Kitchen', de: 'Küche' } }],
    products: [
      {
        sku: 'mug',
        title: { en: 'Mug', de: 'Becher' },
        description: { en: 'Holds tea', de: 'Holds tea' },
        category: 'kitchen',
        prices: { EUR: 1600 },
      },
    ],
    anyAmount: {
      sku: 'gift',
      title: { en: 'Gift', de: 'Gift' },
      description: { en: 'Any amount', de: 'Ein beliebiger Betrag' },
      bounds: { EUR: { min: 100, max: 50_000 } },
    },
  });
});

test('GET /api/catalogue is sent again only when it has changed', async () => {
  const { app } = createTestApp();
  const first = await request(app).get('/api/catalogue');
  expect(first.headers['cache-control']).toBe('no-cache');
  expect(first.body).toMatchObject({ anyAmount: { sku: expect.any(String) as unknown } });
  const again = await request(app)
    .get('/api/catalogue')
    .set('If-None-Match', first.headers['etag'] ?? '');
  expect(again.status).toBe(304);
});
