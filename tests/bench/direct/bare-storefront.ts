import { purchasePlaced, shopperKey, type Purchase } from '@unity-purchase/contracts';
import express from 'express';
import { Kafka, logLevel } from 'kafkajs';
import { v7 } from 'uuid';
import { z } from 'zod';
import { readDirectPlaces } from './direct-places.js';

/**
 * The least that a shop could be: a JSON body, checked with zod, becomes an event on Kafka. It has no session, no limits, no logs,
 * no metrics, no pages and no protection against buying twice.
 */
const { broker, topic } = readDirectPlaces(process.env);
const { PORT: port } = z.object({ PORT: z.coerce.number() }).parse(process.env);

const orderSchema = z.strictObject({
  lines: z.array(z.strictObject({ sku: z.string().max(100), quantity: z.int().min(1).max(99) })).min(1),
});
const unitPrice = 1_600;

const producer = new Kafka({
  clientId: 'bare-storefront',
  brokers: [broker],
  logLevel: logLevel.ERROR,
}).producer();
await producer.connect();

const app = express();
app.get('/health/ready', (_request, response) => {
  response.json({ status: 'up' });
});
app.post('/api/purchases', express.json(), async (request, response) => {
  const order = orderSchema.parse(request.body);
  const purchaseId = v7();
  const purchase: Purchase = {
    purchaseId,
    shopper: { id: purchaseId, name: 'Ada' },
    lines: order.lines.map((line) => ({ ...line, title: 'Mug', unitPrice })),
    total: {
      amount: order.lines.reduce((sum, { quantity }) => sum + quantity * unitPrice, 0),
      currency: 'EUR',
    },
    placedAt: new Date().toISOString(),
  };
  await producer.send({
    topic,
    acks: -1,
    messages: [{ key: shopperKey(purchase.shopper.id), value: JSON.stringify(purchasePlaced(purchase)) }],
  });
  response.status(202).json({ status: 'accepted', purchaseId, total: purchase.total });
});
app.listen(port, '127.0.0.1');
