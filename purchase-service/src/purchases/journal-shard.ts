import { createHash } from 'node:crypto';
import { asciiJson, type LogStore } from '@unity-purchase/numbered-log';
import { z } from 'zod';
import { shardCount } from './journal-place.js';

/** A claim ends this long after it was made or renewed, so that a replica that died leaves its shard to others. */
export const claimMs = 2 * 60_000;

/** When many replicas start at once, each attempt gives at least one of them its shard. */
const attemptsMax = shardCount;

const claimSchema = z.strictObject({
  version: z.literal(1),
  holder: z.string(),
  until: z.iso.datetime({ precision: 3 }),
});

const shards = Array.from({ length: shardCount }, (_, shard) => shard);

/**
 * The shard of the journal to which this replica appends. While there are free shards, no other replica appends to the same one: each
 * claims one in the store, and renews the claim. Only speed depends on it. Two replicas that share a shard race for its next number:
 * because there are more replicas than shards, because the store could not be asked, or because a claim ended too early.
 */
export class JournalShard {
  readonly #store: LogStore;
  readonly #now: () => Date;
  readonly #holder: string;
  readonly #preferred: number;
  #number: number;

  constructor(store: LogStore, now: () => Date, instanceName: string) {
    this.#store = store;
    this.#now = now;
    this.#holder = instanceName;
    this.#preferred = createHash('sha256').update(instanceName).digest().readUInt32BE(0) % shardCount;
    this.#number = this.#preferred;
  }

  /** The shard to append to: the claimed one, or without a claim the one to which the name of this replica hashes. */
  get number(): number {
    return this.#number;
  }

  /** Claims a free shard, if there is one, or renews the claim. @throws the store's error */
  async claim(): Promise<void> {
    for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
      const values = await this.#store.getBulk(shards.map(keyOf));
      const claimed = shards.find((shard) => this.#isOwn(values.get(keyOf(shard))));
      if (claimed !== undefined) {
        this.#number = claimed;
        await this.#rewrite(claimed, (text) => this.#isOwn(text));
        return;
      }
      const free = shards
        .map((distance) => (this.#preferred + distance) % shardCount)
        .find((shard) => this.#isFree(values.get(keyOf(shard))));
      if (free === undefined) return;
      // Another replica may be faster: reading the claims again shows which one was.
      if (values.has(keyOf(free))) await this.#rewrite(free, (text) => this.#isFree(text));
      else await this.#store.createIfAbsent(keyOf(free), this.#newClaim());
    }
  }

  /** Lets other replicas have the shard. @throws the store's error */
  async release(): Promise<void> {
    const key = keyOf(this.#number);
    const values = await this.#store.getBulk([key]);
    if (this.#isOwn(values.get(key))) await this.#store.delete(key);
  }

  #rewrite(shard: number, isToRewrite: (text: string) => boolean): Promise<void> {
    return this.#store.update(keyOf(shard), (text) => (isToRewrite(text) ? this.#newClaim() : undefined));
  }

  #isOwn(text: string | undefined): boolean {
    return claimIn(text)?.holder === this.#holder;
  }

  #isFree(text: string | undefined): boolean {
    const claim = claimIn(text);
    return claim === undefined || Date.parse(claim.until) <= this.#now().getTime();
  }

  #newClaim(): string {
    const until = new Date(this.#now().getTime() + claimMs).toISOString();
    return asciiJson({ version: 1, holder: this.#holder, until });
  }
}

/** The claim in a stored text, or undefined if there is none that can be read. */
function claimIn(text: string | undefined): z.infer<typeof claimSchema> | undefined {
  if (text === undefined) return undefined;
  try {
    return claimSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function keyOf(shard: number): string {
  return `journal-shard:${String(shard)}`;
}
