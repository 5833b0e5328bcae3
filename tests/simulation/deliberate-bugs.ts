import type { Mutation } from './mutated-copy.js';

/** A bug that breaks a guarantee, and what the simulation must say about it. */
export type DeliberateBug = Mutation & { bug: string; breaks: readonly string[] };

/** The simulation must find each of these. */
export const deliberateBugs: readonly DeliberateBug[] = [
  {
    bug: 'a writer that loses the race for a number believes that its own segment is there',
    file: 'packages/numbered-log/src/log-writer.ts',
    replace: 'existing?.attempt === segment.attempt',
    by: 'existing !== undefined',
    breaks: ['an accepted purchase is recorded', 'the journal shows everything in the histories'],
  },
  {
    bug: 'the sidecar is asked to overwrite a segment that exists',
    file: 'packages/service-kit/src/dapr/state.ts',
    replace: "{ ...created, options: { concurrency: 'first-write'",
    by: "{ ...created, options: { concurrency: 'last-write'",
    breaks: [
      'an accepted purchase is recorded',
      'totals are exact',
      'the journal shows everything in the histories',
    ],
  },
  {
    bug: 'an event is acknowledged although the store failed',
    file: 'purchase-service/src/routes/events.ts',
    replace: "? 'DROP' : 'RETRY';",
    by: "? 'DROP' : 'SUCCESS';",
    breaks: ['an accepted purchase is recorded'],
  },
  {
    bug: 'a dead letter is acknowledged although the store failed',
    file: 'purchase-service/src/routes/dead-letter-events.ts',
    replace: "return 'RETRY';",
    by: "return 'SUCCESS';",
    breaks: ['an accepted purchase is recorded'],
  },
  {
    bug: 'a redelivered purchase that is in the history is not added to the journal',
    file: 'purchase-service/src/purchases/record-purchase.ts',
    replace: '      await enterJournal.addIfMissing(recorded.purchase, recorded.journal);\n',
    by: '',
    breaks: ['the journal shows everything in the histories'],
  },
  {
    bug: 'duplicates are looked for in memory only',
    file: 'packages/numbered-log/src/duplicate-check.ts',
    replace: "if (this.#definition.duplicates !== 'detected') return pending;",
    by: 'if (pending.length > 0) return pending;',
    breaks: ['a purchase is recorded once'],
  },
  {
    bug: 'a late purchase gets no marker',
    file: 'packages/numbered-log/src/late-appends.ts',
    replace: 'if (!this.isLate(append, recordedMs)) return;',
    by: 'if (recordedMs > 0) return;',
    breaks: ['a purchase is recorded once', 'a recorded purchase is found'],
  },
  {
    bug: 'a writer does not look where the marker of a late purchase points',
    file: 'packages/numbered-log/src/log-view.ts',
    replace: 'if (marker !== undefined) {',
    by: 'if (marker === 0) {',
    breaks: ['a purchase is recorded once'],
  },
  {
    bug: 'a marker without its purchase does not move when the purchase is recorded later',
    file: 'packages/numbered-log/src/late-markers.ts',
    replace: 'if (segment <= markedRange(marker).last) return marker;',
    by: 'if (segment > 0) return marker;',
    breaks: ['a purchase is recorded once', 'a recorded purchase is found'],
  },
  {
    bug: 'a late purchase cannot be found by its marker',
    file: 'packages/numbered-log/src/find-entry.ts',
    replace: 'if (marker !== undefined) {',
    by: 'if (marker === 0) {',
    breaks: ['a recorded purchase is found', 'an accepted purchase is recorded'],
  },
  {
    bug: 'an erasure leaves no mark, so that late events are recorded again',
    file: 'packages/numbered-log/src/duplicate-check.ts',
    replace: 'if (isErased(definition, append.entry, view.erasedMs))',
    by: 'if (definition.happenedAtMsOf(append.entry) < 0)',
    breaks: ['an erased purchase stays erased'],
  },
  {
    bug: 'a writer remembers everything that it has ever read',
    file: 'packages/numbered-log/src/log-memory.ts',
    replace: 'if (isNeeded && size <= sizeMax) break;',
    by: 'if (size <= sizeMax) break;',
    breaks: ['writers forget'],
  },
  {
    bug: 'operators act although the audit log could not be written',
    file: 'purchase-service/src/audit/audit-log.ts',
    replace: `      requestId,
    });
    if (outcome`,
    by: `      requestId,
    }).catch(() => 'recorded');
    if (outcome`,
    breaks: ['what an operator does is in the audit log once'],
  },
  {
    bug: 'a discarded dead letter waits for a decision again',
    file: 'purchase-service/src/dead-letters/dead-letters.ts',
    replace: "state: 'discarded'",
    by: "state: 'waiting'",
    breaks: ['a discarded dead letter stays discarded'],
  },
  {
    bug: 'a purchase whose id has no time gets no marker',
    file: 'packages/numbered-log/src/late-markers.ts',
    replace: 'return createdAtMs === undefined || ',
    by: 'return createdAtMs !== undefined && ',
    breaks: ['a purchase is recorded once', 'a recorded purchase is found'],
  },
];
