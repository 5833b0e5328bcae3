import { describe, expect, test } from '@jest/globals';
import { createLogger } from '../logs/logger.js';
import { createHealthReporter } from './health-checks.js';

function setUp(check: () => Promise<unknown>) {
  const lines: string[] = [];
  const logger = createLogger(
    'test',
    { level: 'info', format: 'json' },
    { write: (line: string) => lines.push(line) },
  );
  return { lines, report: createHealthReporter([{ name: 'store', check }], logger) };
}

describe('createHealthReporter', () => {
  test('reports a part that does not answer as down after about a second', async () => {
    const { report } = setUp(() => new Promise(() => undefined));
    expect(await report()).toMatchObject({ status: 'down', checks: [{ name: 'store', status: 'down' }] });
  });

  test('logs why a part is down and does not report it', async () => {
    const { report, lines } = setUp(() => Promise.reject(new Error('db-7.internal refused')));
    expect(JSON.stringify(await report())).not.toContain('db-7');
    expect(lines.join('')).toContain('db-7.internal refused');
  });

  test('runs the checks once for many concurrent reports', async () => {
    let calls = 0;
    const { report } = setUp(() => Promise.resolve((calls += 1)));
    await Promise.all(Array.from({ length: 100 }, report));
    expect(calls).toBe(1);
  });
});
