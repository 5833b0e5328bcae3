import type { RebuildCounts, RebuildDifference, RebuildProgress } from '@unity-purchase/contracts';

/** How often the progress is printed. Short comparisons print none. */
const progressEveryMs = 2_000;

/** How many purchases are remembered as reported, so that one is reported once. */
const reportedMax = 100_000;

type Print = (line: string) => void;

/** What a comparison prints: each difference, how far it is, and a summary. */
export class RebuildReport {
  readonly #isRepairing: boolean;
  readonly #print: Print;
  readonly #reported = new Set<string>();
  readonly #counts = { entries: 0, shoppers: 0, recent: 0, skipped: 0 };
  #events = 0;
  #unread: string | undefined;
  #differences = 0;
  #repaired = 0;
  #printedMs = Date.now();

  constructor(isRepairing: boolean, print: Print = console.log) {
    this.#isRepairing = isRepairing;
    this.#print = print;
  }

  /** How many differences are left. */
  get left(): number {
    return this.#differences - this.#repaired;
  }

  /** Takes a difference. `event` means that the topic has the purchase, so that it can be recorded. */
  found(difference: RebuildDifference, source?: 'event'): void {
    const id = idOf(difference);
    if (this.#reported.has(id)) return;
    if (this.#reported.size < reportedMax) this.#reported.add(id);
    this.#differences += 1;
    if (difference.repaired) this.#repaired += 1;
    const state = difference.repaired ? 'repaired' : this.#isRepairing ? 'not repaired' : 'found';
    this.#print(`${state.padEnd(12)}  ${textOf(difference, source)}`);
  }

  /** Takes the reason why the topic, which was to be compared, was not, or not to its end. */
  unread(why: string): void {
    this.#unread = why;
  }

  /** Whether everything was compared and no difference is left. */
  get isRight(): boolean {
    return this.left === 0 && this.#unread === undefined;
  }

  /** Takes the number of events that were read. */
  read(events: number): void {
    this.#events += events;
    this.#printSometimes(`Reading the topic: ${this.#events} events so far`);
  }

  progress({ entries, shoppers }: RebuildProgress): void {
    this.#printSometimes(`Comparing: ${entries} entries of the journal, ${shoppers} histories so far`);
  }

  /** Adds the counts of a part that is complete. */
  count({
    entries = 0,
    shoppers = 0,
    recent = 0,
    skipped = 0,
  }: Partial<RebuildCounts> & { skipped?: number }): void {
    this.#counts.entries += entries;
    this.#counts.shoppers += shoppers;
    this.#counts.recent += recent;
    this.#counts.skipped += skipped;
  }

  summary(): string {
    const { entries, shoppers, recent, skipped } = this.#counts;
    const compared = `Compared ${entries} entries of the journal, ${shoppers} histories and ${this.#events} events.`;
    const waiting =
      recent === 0
        ? []
        : [`${recent} are younger than twenty minutes and may be on their way: run it again later.`];
    const leftAlone =
      skipped === 0
        ? []
        : [
            `${skipped} events were skipped: invalid ones, undecided or discarded dead letters, or erased shoppers.`,
          ];
    const differences =
      this.#differences === 0
        ? this.#unread === undefined
          ? 'There are no differences.'
          : 'No differences were found in what was compared.'
        : `${this.#differences} differences, ${this.#repaired} repaired, ${this.left} left.`;
    const unread = this.#unread === undefined ? [] : [`The topic was not compared: ${this.#unread}`];
    return [compared, ...waiting, ...leftAlone, ...unread, differences].join('\n');
  }

  #printSometimes(line: string): void {
    if (Date.now() - this.#printedMs < progressEveryMs) return;
    this.#printedMs = Date.now();
    this.#print(line);
  }
}

function idOf({ in: place, difference, shopper, purchaseId, log, segment }: RebuildDifference): string {
  return [place, difference, shopper, purchaseId, log, segment].join(' ');
}

function textOf(difference: RebuildDifference, source: 'event' | undefined): string {
  const { log = '', segment = 0, purchaseId = '', shopper = '' } = difference;
  const purchase = `${purchaseId} of ${shopper}`;
  const where = segment === 0 ? `the tail hint of ${log}` : `segment ${segment} of ${log}`;
  switch (difference.difference) {
    case 'lacks':
      if (difference.in === 'journal') return `the journal lacks ${purchase}`;
      return source === undefined
        ? `the history lacks ${purchase}; the journal has it, its event was not found`
        : `the history lacks ${purchase}; the topic has its event`;
    case 'erased':
      return `the journal has ${purchase}, who was erased`;
    case 'losing':
      return `the journal has ${purchase} with another total than the history`;
    case 'unknown':
      return `the journal has ${purchase}, which no history has`;
    case 'stray':
      return `the journal has ${purchase} at a place that is stored nowhere`;
    case 'missing':
      return `${where} is missing`;
    case 'unreadable':
      return `${where} is not readable`;
    case 'totals':
      return `${where} has wrong totals`;
  }
}
