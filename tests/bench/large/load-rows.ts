import { components } from '@unity-purchase/contracts';
import { Pool } from 'undici';

/** Keys in one transaction: their values stay below the 4 MiB that a sidecar accepts. */
const perTransaction = 2_000;

const connections = 2;

/** Writes keys into the state store behind a sidecar, in transactions and without the service. */
export async function loadRows(daprHttpPort: number, rows: ReadonlyMap<string, string>): Promise<void> {
  const pool = new Pool(`http://127.0.0.1:${String(daprHttpPort)}`, { connections, headersTimeout: 0 });
  const parts = chunksOf(rows, perTransaction);
  const worker = async (): Promise<void> => {
    for (;;) {
      const { value: part, done } = parts.next();
      if (done === true) return;
      const { statusCode, body } = await pool.request({
        method: 'POST',
        path: `/v1.0/state/${components.stateStore}/transaction`,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          operations: part.map(([key, value]) => ({ operation: 'upsert', request: { key, value } })),
        }),
      });
      const text = await body.text();
      if (statusCode !== 204)
        throw new Error(`a transaction was answered with ${String(statusCode)}: ${text}`);
    }
  };
  try {
    await Promise.all(Array.from({ length: connections }, worker));
  } finally {
    await pool.destroy();
  }
}

function* chunksOf<Item>(items: Iterable<Item>, length: number): Generator<Item[], undefined> {
  let chunk: Item[] = [];
  for (const item of items) {
    chunk.push(item);
    if (chunk.length < length) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
