import { randomUUID } from 'node:crypto';
import { components, shopperKey, topics } from '@unity-purchase/contracts';
import type { Platform } from '@unity-purchase/service-kit';
import { v7 } from 'uuid';
import { AuditLog } from './audit/audit-log.js';
import type { Configuration } from './config.js';
import { deadLetterTelemetry as createDeadLetterTelemetry } from './dead-letters/dead-letter-telemetry.js';
import { DeadLetterRecords } from './dead-letters/dead-letter-records.js';
import { DeadLetters } from './dead-letters/dead-letters.js';
import { createReferAgain } from './dead-letters/refer-again.js';
import { createFindRecorded } from './dead-letters/find-recorded.js';
import { createFindOutcome } from './dead-letters/letter-outcome.js';
import { WaitingLetters } from './dead-letters/waiting-letters.js';
import { createRecordOrKeep } from './dead-letters/record-or-keep.js';
import { createEnterJournal } from './purchases/enter-journal.js';
import { createFindPurchases } from './purchases/find-purchases.js';
import { keepJournalShard } from './purchases/keep-journal-shard.js';
import { PurchaseHistory } from './purchases/purchase-history.js';
import { PurchaseJournal } from './purchases/purchase-journal.js';
import { purchaseTelemetry } from './purchases/purchase-telemetry.js';
import { createRecordPurchase } from './purchases/record-purchase.js';
import { createSearchPurchases } from './purchases/search-purchases.js';
import { createCheckIndex } from './rebuild/check-index.js';
import { createCheckSegments } from './rebuild/check-segments.js';
import { createCompareEvents } from './rebuild/compare-events.js';
import { createCompareHistory } from './rebuild/compare-history.js';
import { createCompareJournal } from './rebuild/compare-journal.js';
import { Erasures } from './shoppers/erasures.js';
import { ShopperIndex } from './shoppers/shopper-index.js';
import { ShopperRecords } from './shoppers/shopper-records.js';

/** A key that is never written: reading it proves that the store answers. */
const healthKey = 'health';

export type Dependencies = ReturnType<typeof createDependencies>;

/** Builds the objects that the service consists of. Tests replace the clock and the ids of replayed events. */
export function createDependencies(
  { instanceName, tokens }: Pick<Configuration, 'instanceName' | 'tokens'>,
  { gateway, registry, logger }: Platform<'publish' | 'stateStore'>,
  { now = () => new Date(), newEventId = randomUUID }: { now?: () => Date; newEventId?: () => string } = {},
) {
  const store = gateway.stateStore(components.stateStore);
  const history = new PurchaseHistory(store, now);
  const journal = new PurchaseJournal(store, now, instanceName);
  const telemetry = purchaseTelemetry(registry, logger);
  const deadLetterTelemetry = createDeadLetterTelemetry(registry, logger);
  const erasures = new Erasures(store);
  const index = new ShopperIndex(store, now);
  const enterJournal = createEnterJournal({ journal, index });
  const deadLetters = new DeadLetters({
    store,
    history,
    erasures,
    index,
    publish: (event) =>
      gateway.publish({
        component: components.pubsub,
        topic: topics.purchaseEvents,
        event,
        partitionKey: shopperKey(event.subject),
      }),
    telemetry: deadLetterTelemetry,
    newEventId,
    now,
  });
  const recordPurchase = createRecordPurchase({ history, erasures, journal, enterJournal, telemetry, now });
  const probeStore = () => store.getBulk([healthKey]);
  const records = new DeadLetterRecords(store, index, now);
  const checkIndex = createCheckIndex({ index, referAgain: createReferAgain({ records, index }) });
  const compareHistory = createCompareHistory({ history, journal, enterJournal, index, checkIndex, now });
  return {
    logger,
    registry,
    tokens,
    history,
    journal,
    searchPurchases: createSearchPurchases({ history, journal }),
    findPurchases: createFindPurchases({ journal, history, now }),
    recordPurchase,
    recordOrKeep: createRecordOrKeep({
      recordPurchase,
      deadLetters,
      probeStore,
      telemetry: deadLetterTelemetry,
    }),
    telemetry,
    deadLetters,
    waitingLetters: new WaitingLetters({
      records,
      findRecorded: createFindRecorded(records, createFindOutcome(history)),
      now,
    }),
    erasures,
    deadLetterTelemetry,
    shopperRecords: new ShopperRecords({
      history,
      journal,
      enterJournal,
      deadLetters,
      erasures,
      index,
      logger,
      now,
    }),
    checkSegments: createCheckSegments({ journal }),
    compareHistory,
    compareJournal: createCompareJournal({
      journal,
      history,
      index,
      compareHistory,
      checkIndex,
      erasures,
      logger,
      now,
    }),
    compareEvents: createCompareEvents({ history, deadLetters, erasures, recordPurchase, now }),
    audit: new AuditLog({ store, newEntryId: v7, now }),
    prepare: () => journal.prepare(),
    keepJournalShard: () => keepJournalShard(journal, logger),
    healthChecks: [{ name: 'statestore', check: probeStore }],
  };
}
