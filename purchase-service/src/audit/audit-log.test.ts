import { describe, expect, test } from '@jest/globals';
import { auditKindOf, auditPageSchema, type AuditAction } from '@unity-purchase/contracts';
import { InvalidCursorError, LogUnavailableError } from '@unity-purchase/numbered-log';
import { v7 } from 'uuid';
import { MemoryLogStore } from '@unity-purchase/numbered-log/testing';
import { AuditLog } from './audit-log.js';

function setUp(newEntryId: () => string = v7) {
  const store = new MemoryLogStore();
  const clock = { ms: Date.UTC(2026, 0, 1) };
  const open = () => new AuditLog({ store, newEntryId, now: () => new Date((clock.ms += 1)) });
  return { store, open };
}

const anAction = (requestId: string, action: AuditAction = 'list-purchases') => ({
  operator: 'Zoë',
  action,
  target: undefined,
  requestId,
});

describe('AuditLog', () => {
  test('returns what all replicas recorded, newest first, page by page', async () => {
    const { open } = setUp();
    const replicas = [open(), open()];
    const written = Array.from({ length: 50 }, (_, index) => `request-${index}`);
    for (const [index, requestId] of written.entries()) await replicas[index % 2]?.write(anAction(requestId));
    for (const limit of [1, 7, 50, 100]) {
      const read: string[] = [];
      let cursor: string | undefined;
      do {
        const page = auditPageSchema.parse(await open().page(limit, cursor));
        expect(page.entries.length).toBeLessThanOrEqual(limit);
        read.push(...page.entries.map(({ requestId }) => requestId));
        cursor = page.next;
      } while (cursor !== undefined);
      expect(read).toEqual(written.toReversed());
    }
  });

  test('returns the pages of decisions and of views, also of those that an older version recorded', async () => {
    const { store, open } = setUp();
    const actions: AuditAction[] = ['list-purchases', 'read-purchase', 'erase-shopper', 'read-audit-log'];
    const written = Array.from({ length: 120 }, (_, index) => ({
      requestId: `request-${index}`,
      action: actions[(index * 7) % 4] ?? 'find-purchase',
    }));
    for (const [index, { requestId, action }] of written.entries()) {
      await open().write(anAction(requestId, action));
      // Version 0.1.0 stored no counts of kinds.
      const key = `audit:${index + 1}`;
      if (index < 30 || index % 10 === 5)
        store.values.set(key, (store.values.get(key) ?? '').replace(/,"kinds":\{[^}]*\}/, ''));
    }
    for (const kind of ['decisions', 'views'] as const)
      for (const limit of [1, 7, 100]) {
        const read: string[] = [];
        let cursor: string | undefined;
        do {
          const page = auditPageSchema.parse(await open().page(limit, cursor, kind));
          read.push(...page.entries.map(({ requestId }) => requestId));
          cursor = page.next;
        } while (cursor !== undefined);
        const expected = written.filter((entry) => auditKindOf(entry) === kind);
        expect(read).toEqual(expected.map(({ requestId }) => requestId).toReversed());
      }
  });

  test('stores counts that version 0.1.0 ignores, in the totals that it reads', async () => {
    const { store, open } = setUp();
    await open().write(anAction('request-1', 'erase-shopper'));
    await open().write(anAction('request-2'));
    expect(JSON.parse(store.values.get('audit:2') ?? '')).toMatchObject({
      version: 1,
      totals: { count: 2, sums: {}, kinds: { decisions: 1, views: 1 } },
    });
  });

  test('records the whole action with the time and a unique id', async () => {
    const { open } = setUp();
    const audit = open();
    await audit.write({ ...anAction('request-1', 'erase-shopper'), target: '~key' });
    await audit.write(anAction('request-2'));
    const { entries } = await audit.page(10, undefined);
    const [second, first] = entries;
    const entry = {
      id: expect.any(String),
      at: expect.stringMatching(/^2026-01-01T00:00:00/),
      operator: 'Zoë',
    };
    expect(first).toEqual({ ...entry, action: 'erase-shopper', target: '~key', requestId: 'request-1' });
    expect(second).toEqual({ ...entry, action: 'list-purchases', requestId: 'request-2' });
    expect(first?.id).not.toBe(second?.id);
  });

  test('records an action once when the response to the write is lost', async () => {
    const { store, open } = setUp();
    store.createFaults.push('lose-response');
    const audit = open();
    await audit.write(anAction('request-1'));
    expect((await audit.page(10, undefined)).entries).toHaveLength(1);
  });

  test('fails when an action cannot be recorded, and records the next one', async () => {
    const { store, open } = setUp();
    const audit = open();
    store.readFaults = 1;
    await expect(audit.write(anAction('request-1'))).rejects.toThrow(LogUnavailableError);
    store.createFaults.push('refuse');
    await expect(audit.write(anAction('request-2'))).rejects.toThrow(LogUnavailableError);
    await audit.write(anAction('request-3'));
    expect((await audit.page(10, undefined)).entries.map(({ requestId }) => requestId)).toEqual([
      'request-3',
    ]);
  });

  test('does not mistake an entry with the same id for its own', async () => {
    const id = v7();
    const audit = setUp(() => id).open();
    const outcomes = await Promise.allSettled([
      audit.write(anAction('request-1')),
      audit.write(anAction('request-2')),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  });

  test('is empty without actions, and refuses a cursor that no page returned', async () => {
    const audit = setUp().open();
    for (const kind of [undefined, 'decisions', 'views'] as const)
      expect(await audit.page(10, undefined, kind)).toEqual({ entries: [] });
    for (const cursor of ['', 'x', Buffer.from('9.0').toString('base64url')])
      for (const kind of [undefined, 'decisions', 'views'] as const)
        await expect(audit.page(10, cursor, kind)).rejects.toThrow(InvalidCursorError);
  });
});
