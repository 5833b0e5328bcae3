import type { z } from 'zod';
import { purchasePlaced, purchasePlacedType } from '../purchase-placed.js';
import type { Purchase } from '../purchase.js';
import type { WireName, wireSchemas } from './wire-schemas.js';

const at = '2026-11-26T10:00:00.000Z';
const purchaseId = '019ac000-7000-7000-8000-000000000001';
const totals = { count: 1, sums: { EUR: 2_580 } } as const;

const purchase: Purchase = {
  purchaseId,
  shopper: { id: 'ada', name: 'Ada Lovelace' },
  lines: [
    { sku: 'mug', title: 'Mug', quantity: 2, unitPrice: 1_290 },
    { sku: 'sticker', title: 'Aufkleber für „Türen“ 🚪', quantity: 100, unitPrice: 0 },
  ],
  total: { amount: 2_580, currency: 'EUR' },
  placedAt: at,
};

const recorded = { purchase, recordedAt: at };

const journalEntry = {
  shopperId: 'ada',
  purchaseId,
  total: { amount: 2_580, currency: 'EUR' },
  recordedAt: at,
} as const;

const deadLetter = {
  id: '0123456789abcdef0123456789abcdef',
  reason: 'not-recorded',
  purchaseId,
  arrivedAt: at,
  state: 'replayed',
  since: at,
  replays: 1,
  shopper: { id: 'ada', name: 'Ada Lovelace' },
  total: { amount: 2_580, currency: 'EUR' },
  problem: 'data.total must be the sum of the lines',
  discardReason: 'A test order of ours',
  recordedAt: at,
  superseded: false,
} as const;

const detailsOfDeadLetter = {
  problems: [],
  replayable: true,
  problemsNow: [],
  text: '{}',
  base64: 'e30=',
};

/** Samples of every wire format: with all optional fields and with none. The samples of a release must stay readable for ever. */
export const samples: { [Name in WireName]: z.input<(typeof wireSchemas)[Name]>[] } = {
  [purchasePlacedType]: [
    purchasePlaced(purchase),
    // As delivered, with the attributes that Dapr adds.
    { ...purchasePlaced(purchase), topic: 'purchase-events', pubsubname: 'pubsub', traceid: '00-0-0-00' },
  ],
  'recorded-purchase': [recorded],
  'history-page': [
    { purchases: [recorded], totals, next: 'older', previous: 'newer' },
    { purchases: [], totals: { count: 0, sums: {} } },
    { purchases: [], totals, next: 'older', searched: { count: 1_000, since: at } },
  ],
  'purchase-details': [{ ...recorded, event: { ...purchasePlaced(purchase) } }, recorded],
  spending: [
    { months: [{ month: '2026-11', totals }], years: [{ year: '2026', totals }] },
    { months: [{ month: '2026-11', totals }] },
  ],
  'journal-page': [
    {
      purchases: [journalEntry, { ...journalEntry, shopperName: 'Ada Lovelace' }],
      totals,
      next: 'older',
    },
  ],
  'purchase-search-result': [
    { purchases: [journalEntry], isComplete: false, searched: { count: 5_000, backTo: at }, next: 'older' },
    { purchases: [], isComplete: true },
  ],
  'dead-letter-page': [
    { deadLetters: [deadLetter], next: 'older', searchedTo: at },
    {
      deadLetters: [{ id: deadLetter.id, reason: 'unreadable', arrivedAt: at, state: 'waiting', replays: 0 }],
    },
  ],
  'dead-letter-details': [{ ...deadLetter, ...detailsOfDeadLetter }],
  'audit-page': [
    {
      entries: [
        {
          id: '3b241101-e2bb-4255-8caf-4136c566a962',
          at,
          operator: "the operators' token",
          action: 'read-purchase',
          target: purchaseId,
          reason: 'A test order of ours',
          requestId: '1',
        },
      ],
      next: 'older',
    },
    {
      entries: [
        {
          id: '3b241101-e2bb-4255-8caf-4136c566a963',
          at,
          operator: 'ada',
          action: 'discard-dead-letter',
          target: deadLetter.id,
          reason: 'A test of „us“',
          requestId: '2',
        },
      ],
    },
  ],
  activity: [
    {
      instance: 'purchase-service-1',
      intervalMs: 10_000,
      samples: [{ at, counts: { requests: 3 }, durations: { requests: { median: 0.01, p90: 0.02 } } }],
      checks: [{ name: 'sidecar', status: 'up' }],
    },
  ],
  'shopper-export-line': [
    { kind: 'purchase', ...recorded },
    {
      kind: 'journal-entry',
      shopperId: 'ada',
      purchaseId,
      total: { amount: 2_580, currency: 'EUR' },
      recordedAt: at,
    },
    { kind: 'dead-letter', ...deadLetter, ...detailsOfDeadLetter },
    { kind: 'end', purchases: 1, journalEntries: 1, deadLetters: 1 },
  ],
  'shopper-erasure': [
    { purchases: 1, journalEntries: 1, deadLetters: 0, erasedAt: at },
    { purchases: 1, journalEntries: 1, deadLetters: 0, erasedAt: at, eventsKeptUntil: at },
  ],
  'problem-details': [
    { type: 'about:blank', title: 'Not Found', status: 404, code: 'purchase-not-recorded' },
  ],
};
