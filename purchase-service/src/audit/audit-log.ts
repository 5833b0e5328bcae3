import { auditEntrySchema, type AuditEntry, type AuditPage } from '@unity-purchase/contracts';
import {
  entriesOf,
  fromCursor,
  LogUnavailableError,
  NumberedLogs,
  readOlder,
  writePlace,
  type LogDefinition,
  type LogStore,
} from '@unity-purchase/numbered-log';

/** The log of what operators did, in the order in which it was written down. */
const auditLog = 'audit';

const definition: LogDefinition<AuditEntry> = {
  schema: auditEntrySchema,
  identityOf: ({ id }) => id,
  fingerprintOf: ({ id }) => id,
  mintedMsOf: ({ at }) => Date.parse(at),
  occurredMsOf: ({ at }) => Date.parse(at),
  amountOf: () => undefined,
  // Each entry has an id of its own: none comes again.
  keptMs: 0,
  repeats: 'tolerated',
};

/** What somebody is about to do. */
export type Deed = Pick<AuditEntry, 'operator' | 'action' | 'target' | 'requestId'>;

type Parts = {
  store: LogStore;
  /** Gives a UUIDv7 that it gave to nobody else. */
  newEntryId: () => string;
  now: () => Date;
};

/**
 * What operators did, written down before it is done: what is done stands here, and what stands here may have failed.
 * Nothing removes entries. The erasure of a shopper leaves them as they are, because they name shoppers by key only.
 */
export class AuditLog {
  readonly #parts: Parts;
  readonly #logs: NumberedLogs<AuditEntry>;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#logs = new NumberedLogs(parts.store, definition, parts.now);
  }

  /** Writes down what is about to be done. @throws LogUnavailableError if it may not stand there: then it is not to be done */
  async write({ operator, action, target, requestId }: Deed): Promise<void> {
    const outcome = await this.#logs.append(auditLog, {
      id: this.#parts.newEntryId(),
      at: this.#parts.now().toISOString(),
      operator,
      action,
      ...(target === undefined ? {} : { target }),
      requestId,
    });
    if (outcome !== 'recorded') throw new LogUnavailableError(`an entry of the audit log was ${outcome}`);
  }

  /** A page, newest first. @throws AppError 400 for a cursor that no page gave; the store's error if it cannot be read */
  async page(limit: number, cursor: string | undefined): Promise<AuditPage> {
    const from = readOlder(cursor);
    const page = await fromCursor(() => this.#logs.page(auditLog, limit, from));
    return {
      entries: entriesOf(page).map(({ entry }) => entry),
      ...(page.next === undefined ? {} : { next: writePlace(page.next) }),
    };
  }
}
