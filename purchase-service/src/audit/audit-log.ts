import {
  auditEntrySchema,
  auditKindOf,
  type AuditEntry,
  type AuditKind,
  type AuditPage,
} from '@unity-purchase/contracts';
import {
  decodeCursor,
  encodeCursor,
  entriesOf,
  LogUnavailableError,
  NumberedLogs,
  type LogDefinition,
  type LogStore,
  type ReadFrom,
} from '@unity-purchase/numbered-log';

/** The log of operators' actions, in the order in which they were recorded. */
const auditLog = 'audit';

const definition: LogDefinition<AuditEntry> = {
  schema: auditEntrySchema,
  idOf: ({ id }) => id,
  fingerprintOf: ({ id }) => id,
  createdAtMsOf: ({ at }) => Date.parse(at),
  happenedAtMsOf: ({ at }) => Date.parse(at),
  amountOf: () => undefined,
  kindOf: auditKindOf,
  // Each entry has its own id, so there are no duplicates.
  rememberedMs: 0,
  duplicates: 'tolerated',
};

/** What an operator is about to do. */
export type AuditedAction = Pick<AuditEntry, 'operator' | 'action' | 'target' | 'requestId'> & {
  reason?: string | undefined;
};

type AuditLogOptions = {
  store: LogStore;
  /** Returns a UUIDv7 that is unique among all replicas. */
  newEntryId: () => string;
  now: () => Date;
};

/**
 * Operators' actions, each recorded before it happens. Every action is in the log, and an action in the log may have failed.
 * Entries are never removed: erasing a shopper leaves them, because they contain only the shopper's key.
 */
export class AuditLog {
  readonly #options: AuditLogOptions;
  readonly #logs: NumberedLogs<AuditEntry>;

  constructor(options: AuditLogOptions) {
    this.#options = options;
    this.#logs = new NumberedLogs(options.store, definition, options.now);
  }

  /**
   * Records an action that is about to happen.
   *
   * @throws LogUnavailableError if it may not have been recorded: then the action must not happen
   */
  async write({ operator, action, target, reason, requestId }: AuditedAction): Promise<void> {
    const outcome = await this.#logs.append(auditLog, {
      id: this.#options.newEntryId(),
      at: this.#options.now().toISOString(),
      operator,
      action,
      ...(target === undefined ? {} : { target }),
      ...(reason === undefined ? {} : { reason }),
      requestId,
    });
    if (outcome !== 'recorded')
      throw new LogUnavailableError(`the outcome of writing an audit entry was "${outcome}"`);
  }

  /**
   * A page of entries, newest first: of all of them, or of one kind. A page of one kind can be shorter than the limit, or empty, and
   * have older entries, because versions up to 0.1.0 did not count them by kind: see `readKindPage`.
   *
   * @throws InvalidCursorError if the cursor does not come from a page of the audit log
   */
  async page(limit: number, cursor: string | undefined, kind?: AuditKind): Promise<AuditPage> {
    const [from] = decodeCursor(cursor, 1);
    const { entries, next } = await (kind === undefined
      ? this.#pageOfAll(limit, from)
      : this.#pageOfKind(limit, from, kind));
    return { entries, ...(next === undefined ? {} : { next: encodeCursor([next], 'older') }) };
  }

  async #pageOfAll(limit: number, from: ReadFrom | undefined) {
    const page = await this.#logs.page(auditLog, limit, from);
    return { entries: entriesOf(page).map(({ entry }) => entry), next: page.next };
  }

  async #pageOfKind(limit: number, from: ReadFrom | undefined, kind: AuditKind) {
    const { items, next } = await this.#logs.pageOfKind(auditLog, kind, limit, from?.position);
    return { entries: items.map(({ entry }) => entry), next };
  }
}
