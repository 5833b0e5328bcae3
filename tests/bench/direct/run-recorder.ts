import { purchasePlacedSchema, type Purchase } from '@unity-purchase/contracts';
import {
  managementRoutes,
  readConfiguration,
  runService,
  serveApp,
  serviceConfiguration,
  serviceSettings,
} from '@unity-purchase/service-kit';
import express from 'express';
import { Counter, Registry } from 'prom-client';
import { z } from 'zod';
import { readDirectPlaces, type DirectPlaces } from './direct-places.js';

/** A purchase as a recorder without a sidecar stores it: all in one place, under its id. */
export type DirectPurchase = Purchase & { recordedAt: string };

/** A store without anything between it and the recorder. */
export type DirectStore = {
  /** Stores a purchase durably. Resolves to false if it was there already. */
  insert: (purchase: DirectPurchase) => Promise<boolean>;
  close: () => Promise<void>;
};

/** Consumes events until the result is called. An event is acknowledged when `record` has resolved, and not before. */
export type Consume = (
  places: DirectPlaces,
  record: (event: string) => Promise<void>,
) => Promise<() => Promise<void>>;

/**
 * Runs the purchase-service reduced to its core: consume an event, write its purchase, count it. The count is a metric with the
 * name that the purchase-service uses.
 */
export async function runRecorder(
  name: string,
  { openStore, consume }: { openStore: (places: DirectPlaces) => Promise<DirectStore>; consume: Consume },
): Promise<void> {
  await runService(
    name,
    () => ({
      ...readConfiguration(z.object(serviceSettings).transform(serviceConfiguration), process.env),
      places: readDirectPlaces(process.env),
    }),
    async ({ http, places }, lifecycle, logger) => {
      const store = await openStore(places);
      lifecycle.onClose('store', store.close);

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

      const stopConsuming = await consume(places, async (event) => {
        const { data } = purchasePlacedSchema.parse(JSON.parse(event));
        if (await store.insert({ ...data, recordedAt: new Date().toISOString() })) recorded.inc();
      });
      lifecycle.onClose('broker', stopConsuming);
    },
  );
}
