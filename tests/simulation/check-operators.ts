import type { AuditEntry } from '@unity-purchase/contracts';
import { readLogs } from './read-logs.js';
import type { Scene } from './schedule.js';

/** What operators did is in the audit log once: everything that they did, and nothing that they did not try. */
export function checkAudit({ world, values, ledger }: Scene): void {
  const segments = readLogs(values, () => undefined).get('audit') ?? [];
  const times = new Map<string, number>();
  for (const { entries } of segments)
    for (const entry of entries) {
      const { requestId, action } = entry as AuditEntry;
      const key = `${requestId} ${action}`;
      times.set(key, (times.get(key) ?? 0) + 1);
    }
  for (const { requestId, action, isMade } of ledger.accesses) {
    const key = `${requestId} ${action}`;
    const count = times.get(key) ?? 0;
    times.delete(key);
    if (count > 1 || (isMade && count === 0))
      world.violated('what an operator does is in the audit log once', `${key}: ${count} times`);
  }
  for (const key of times.keys())
    world.violated('the audit log has only what operators did', `${key} was never requested`);
}

/** What an operator discarded stays discarded, unless it arrived again or was replayed since. */
export async function checkDiscards({ world, ledger, broker, recorders }: Scene): Promise<void> {
  const [reader] = recorders;
  if (reader === undefined) return;
  const { deadLetters } = reader.dependencies;
  for (const [id, { startMs, endMs }] of ledger.discards) {
    if (endMs === Infinity || startMs <= broker.deadLettersHandledMs) continue;
    // An erasure deletes dead letters.
    const found = await world.until(deadLetters.find(id).catch(() => undefined));
    if (found !== undefined && found.state !== 'discarded')
      world.violated('a discarded dead letter stays discarded', `dead letter ${id} is ${found.state}`);
  }
}
