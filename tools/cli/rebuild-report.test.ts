import { expect, test } from '@jest/globals';
import type { RebuildDifference } from '@unity-purchase/contracts';
import { RebuildReport } from './rebuild-report.js';

const lacks: RebuildDifference = {
  kind: 'difference',
  in: 'history',
  difference: 'lacks',
  shopper: '~ada',
  purchaseId: 'the-purchase',
  repaired: false,
};

function report(isRepairing: boolean) {
  const lines: string[] = [];
  return { lines, report: new RebuildReport(isRepairing, (line) => lines.push(line)) };
}

test('without differences it says so', () => {
  const { report: empty } = report(false);
  empty.count({ entries: 3, shoppers: 2 });
  empty.read(4);
  expect([empty.left, empty.summary()]).toEqual([
    0,
    'Compared 3 entries of the journal, 2 histories and 4 events.\nThere are no differences.',
  ]);
});

test('with a topic that could not be read, it does not say that there are no differences', () => {
  const { report: some } = report(false);
  expect(some.isRight).toBe(true);
  some.unread('jetstream cannot be read: timeout');
  expect([some.isRight, some.summary()]).toEqual([
    false,
    [
      'Compared 0 entries of the journal, 0 histories and 0 events.',
      'The topic was not compared: jetstream cannot be read: timeout',
      'No differences were found in what was compared.',
    ].join('\n'),
  ]);
});

test('it says how many events were skipped', () => {
  const { report: some } = report(false);
  some.count({ skipped: 2 });
  some.count({ recent: 0, skipped: 1 });
  expect(some.summary()).toContain(
    '3 events were skipped: invalid ones, undecided or discarded dead letters, or erased shoppers.',
  );
});

test('a purchase that the topic and the journal have is reported once', () => {
  const { lines, report: both } = report(false);
  both.found(lacks, 'event');
  both.found(lacks);
  expect(lines).toEqual(['found         the history lacks the-purchase of ~ada; the topic has its event']);
  expect(both.left).toBe(1);
});

test('what was repaired is not left, and the summary counts both', () => {
  const { lines, report: some } = report(true);
  some.found({ ...lacks, repaired: true }, 'event');
  some.found({
    kind: 'difference',
    in: 'journal',
    difference: 'unreadable',
    log: 'journal:3',
    segment: 7,
    repaired: false,
  });
  some.count({ entries: 1, shoppers: 1, recent: 2 });
  expect(lines).toEqual([
    'repaired      the history lacks the-purchase of ~ada; the topic has its event',
    'not repaired  segment 7 of journal:3 is not readable',
  ]);
  expect(some.left).toBe(1);
  expect(some.summary()).toBe(
    [
      'Compared 1 entries of the journal, 1 histories and 0 events.',
      '2 are younger than twenty minutes and may be on their way: run it again later.',
      '2 differences, 1 repaired, 1 left.',
    ].join('\n'),
  );
});
