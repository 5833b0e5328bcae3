import { components } from '@unity-purchase/contracts';
import { Pool } from 'undici';

/** The most keys in one transaction, and the most bytes of keys and values: with JSON around them, a sidecar accepts 4 MiB. */
const keysMax = 2_000;
const bytesMax = 2 * 1_024 * 1_024;

const connections = 2;

/** Writes keys into the state store behind a sidecar, in transactions and without the service. */
export async function loadRows(daprHttpPort: number, rows: ReadonlyMap<string, string>): Promise<void> {
  const pool = new Pool(`http://127.0.0.1:${String(daprHttpPort)}`, { connections, headersTimeout: 0 });
  const parts = partsOf(rows);
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

function* partsOf(rows: ReadonlyMap<string, string>): Generator<[string, string][], undefined> {
  let part: [string, string][] = [];
  let bytes = 0;
  for (const [key, value] of rows) {
    // Values are JSON in JSON: each quotation mark takes two bytes.
    const more = 2 * (key.length + value.length);
    if (part.length === keysMax || (part.length > 0 && bytes + more > bytesMax)) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push([key, value]);
    bytes += more;
  }
  if (part.length > 0) yield part;
}
