import { purchasePlacedSchema } from '@unity-purchase/contracts';
import {
  managementRoutes,
  readConfiguration,
  runService,
  serveApp,
  serviceConfiguration,
  serviceSettings,
} from '@unity-purchase/service-kit';
import express from 'express';
import { Kafka, logLevel } from 'kafkajs';
import { MongoClient, MongoServerError } from 'mongodb';
import { Counter, Registry } from 'prom-client';
import { z } from 'zod';
import { readDirectPlaces } from './direct-places.js';
import { directPurchases } from './direct-purchases.js';

/** One event per partition at a time, like a sidecar. */
const partitionsAtOnce = 20;

/** MongoDB's error code for a duplicate `_id`. */
const duplicateKey = 11_000;

/** The purchase-service reduced to its core: consume an event, write its purchase, count it. */
await runService(
  'direct-recorder',
  () => ({
    ...readConfiguration(z.object(serviceSettings).transform(serviceConfiguration), process.env),
    places: readDirectPlaces(process.env),
  }),
  async ({ http, places }, lifecycle, logger) => {
    const { broker, topic, group, store } = places;
    const client = await new MongoClient(store).connect();
    lifecycle.onClose('store', () => client.close());
    const purchases = directPurchases(client);

    const registry = new Registry();
    const recorded = new Counter({
      name: 'purchases_recorded_total',
      help: 'Purchases recorded',
      registers: [registry],
    });
    await serveApp(
      http,
      lifecycle,
      managementRoutes(lifecycle, [], registry, logger),
      (management) => express().use(management),
      { registry, always: [] },
    );

    const kafka = new Kafka({ clientId: 'direct-recorder', brokers: [broker], logLevel: logLevel.ERROR });
    const consumer = kafka.consumer({ groupId: group });
    await consumer.connect();
    lifecycle.onClose('broker', () => consumer.disconnect());
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      partitionsConsumedConcurrently: partitionsAtOnce,
      eachMessage: async ({ message }) => {
        const { data } = purchasePlacedSchema.parse(JSON.parse(message.value?.toString() ?? ''));
        const purchase = { _id: data.purchaseId, ...data, recordedAt: new Date().toISOString() };
        try {
          await purchases.insertOne(purchase);
        } catch (error) {
          if (error instanceof MongoServerError && error.code === duplicateKey) return;
          throw error;
        }
        recorded.inc();
      },
    });
  },
);
