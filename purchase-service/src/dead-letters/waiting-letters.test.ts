import { beforeEach, describe, expect, test } from '@jest/globals';
import { MemoryLogStore } from '@unity-purchase/numbered-log/testing';
import { DeadLetterRecords, type Decision } from './dead-letter-records.js';
import { WaitingLetters, type LookLimits } from './waiting-letters.js';

let nowMs: number;
/** The dead letters whose purchases are recorded. */
let recorded: Set<string>;
let store: MemoryLogStore;
let records: DeadLetterRecords;

const now = () => new Date(nowMs);

beforeEach(() => {
  nowMs = Date.parse('2026-01-01T00:00:00.000Z');
  recorded = new Set();
  store = new MemoryLogStore();
  records = new DeadLetterRecords(store, { addDeadLetter: () => Promise.resolve() }, now);
});

type Records = ConstructorParameters<typeof WaitingLetters>[0]['records'];

const counterOf = (read: Records, limits?: LookLimits) =>
  new WaitingLetters(
    { records: read, findRecorded: (ids) => Promise.resolve(ids.filter((id) => recorded.has(id))), now },
    limits,
  );

const idOf = (number: number) => number.toString(16).padStart(32, '0');

/** Keeps dead letters with these numbers, one a second. */
async function keep(...numbers: number[]) {
  for (const number of numbers) {
    nowMs += 1_000;
    const arrivedAt = now().toISOString();
    await records.create(
      idOf(number),
      { version: 1, arrivedAt, reason: 'invalid', problems: [], base64: '' },
      undefined,
      [],
    );
  }
}

const decide = (number: number, state: Decision['state']) =>
  records.writeDecision(idOf(number), { version: 1, state, since: now().toISOString(), replays: 0 });

const range = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

/** Looks once more, after any pause. */
async function look(letters: WaitingLetters) {
  nowMs += 60_000;
  return letters.read();
}

describe('the count of waiting dead letters', () => {
  test('is that of those without a decision, with the time of the oldest', async () => {
    await keep(1, 2, 3, 4);
    await decide(1, 'discarded');
    await decide(3, 'replayed');
    const letters = counterOf(records);
    const at = now().toISOString();
    expect(await letters.read()).toEqual({
      count: 2,
      isMore: false,
      oldestAt: '2026-01-01T00:00:02.000Z',
      at,
    });
  });

  test('is none when there are no dead letters', async () => {
    const at = now().toISOString();
    expect(await counterOf(records).read()).toEqual({ count: 0, isMore: false, at });
  });

  test('follows decisions, and dead letters that wait again', async () => {
    await keep(1, 2, 3);
    const letters = counterOf(records);
    expect((await look(letters))?.count).toBe(3);
    await decide(1, 'replayed');
    expect((await look(letters))?.count).toBe(2);
    await decide(1, 'waiting');
    expect((await look(letters))?.count).toBe(3);
  });

  test.each([
    [100, { count: 100, isMore: false }],
    [101, { count: 100, isMore: true }],
    [250, { count: 100, isMore: true }],
  ])('of %i is exact up to a hundred', async (number, expected) => {
    await keep(...range(1, number));
    expect(await counterOf(records).read()).toMatchObject({
      ...expected,
      oldestAt: '2026-01-01T00:00:01.000Z',
    });
  });

  test('is exact after one look at each part of a list that is longer than a look', async () => {
    await keep(...range(1, 10));
    for (const number of range(2, 9)) await decide(number, 'discarded');
    const letters = counterOf(records, { pageLength: 2, pagesMax: 2, lookUpsMax: 10 });
    expect(await look(letters)).toMatchObject({ count: 1, isMore: true });
    const counts = [];
    for (let count = 0; count < 4; count += 1) counts.push(await look(letters));
    expect(counts.at(-1)).toMatchObject({
      count: 2,
      isMore: false,
      oldestAt: '2026-01-01T00:00:01.000Z',
    });
  });

  test('shows new dead letters and decisions at once, while a look sees only a part of the list', async () => {
    await keep(...range(1, 10));
    const letters = counterOf(records, { pageLength: 2, pagesMax: 2, lookUpsMax: 10 });
    for (let count = 0; count < 5; count += 1) await look(letters);
    expect(await look(letters)).toMatchObject({ count: 10, isMore: false });
    await keep(11);
    expect(await look(letters)).toMatchObject({ count: 11, isMore: false });
    await decide(1, 'replayed');
    await decide(11, 'discarded');
    expect(await look(letters)).toMatchObject({
      count: 9,
      isMore: false,
      oldestAt: '2026-01-01T00:00:02.000Z',
    });
  });

  test('leaves out those whose purchases have been recorded since', async () => {
    await keep(1, 2, 3);
    const letters = counterOf(records);
    expect((await look(letters))?.count).toBe(3);
    recorded.add(idOf(1)).add(idOf(3));
    expect(await look(letters)).toMatchObject({ count: 1, oldestAt: '2026-01-01T00:00:02.000Z' });
  });

  test('looks up a few purchases at a time, and all of them after some looks', async () => {
    await keep(...range(1, 10));
    for (const number of range(1, 9)) recorded.add(idOf(number));
    const letters = counterOf(records, { pageLength: 100, pagesMax: 10, lookUpsMax: 3 });
    const counts = [];
    for (let count = 0; count < 4; count += 1) counts.push((await look(letters))?.count);
    expect(counts).toEqual([7, 4, 1, 1]);
  });

  test('reads no more of the store than one look may, for all readers together', async () => {
    await keep(...range(1, 10));
    let pages = 0;
    const counting: Records = {
      newestFirst: (...of) => {
        pages += 1;
        return records.newestFirst(...of);
      },
      readDecisions: (ids) => records.readDecisions(ids),
    };
    const letters = counterOf(counting, { pageLength: 2, pagesMax: 3, lookUpsMax: 10 });
    await Promise.all([letters.read(), letters.read()]);
    await letters.read();
    expect(pages).toBe(3);
    // A pause of two seconds for each page.
    nowMs += 5_999;
    await letters.read();
    expect(pages).toBe(3);
    nowMs += 1;
    await letters.read();
    expect(pages).toBe(6);
  });

  test('stays the last one, with its time, while the store does not answer', async () => {
    await keep(1);
    let isAway = true;
    const letters = counterOf({
      newestFirst: (...of) => {
        if (isAway) throw new Error('the store is away');
        return records.newestFirst(...of);
      },
      readDecisions: (ids) => records.readDecisions(ids),
    });
    expect(await look(letters)).toBeUndefined();
    isAway = false;
    const count = await look(letters);
    expect(count?.count).toBe(1);
    isAway = true;
    expect(await look(letters)).toEqual(count);
  });

  test('is not waited for while the store hangs', async () => {
    const letters = counterOf({
      // eslint-disable-next-line require-yield -- it never yields
      newestFirst: async function* () {
        await new Promise(() => undefined);
      },
      readDecisions: (ids) => records.readDecisions(ids),
    });
    expect(await letters.read()).toBeUndefined();
  });
});
