import { describe, expect, test } from '@jest/globals';
import { createLogger } from '../logs/logger.js';
import { Lifecycle } from './lifecycle.js';

function setUp() {
  const lines: string[] = [];
  const lifecycle = new Lifecycle(
    createLogger('test', { level: 'info', format: 'json' }, { write: (line: string) => lines.push(line) }),
  );
  return { lifecycle, lines };
}

describe('Lifecycle', () => {
  test('is ready from the end of the start to the beginning of the stop', async () => {
    const { lifecycle } = setUp();
    expect(lifecycle.state).toBe('starting');
    lifecycle.ready();
    expect(lifecycle.isReady).toBe(true);
    const stopped = lifecycle.stop(0);
    expect(lifecycle.state).toBe('stopping');
    await stopped;
    lifecycle.ready();
    expect(lifecycle.isReady).toBe(false);
  });

  test('closes one after the other in reverse order, even if one fails', async () => {
    const { lifecycle, lines } = setUp();
    const closed: string[] = [];
    lifecycle.onClose('first', () => closed.push('first'));
    lifecycle.onClose('second', () => Promise.reject(new Error('stuck')));
    lifecycle.onClose('third', async () => {
      await Promise.resolve();
      closed.push('third');
    });
    await lifecycle.stop(0);
    expect(closed).toEqual(['third', 'first']);
    expect(lines.join('')).toContain('stuck');
  });

  test('is stopping before anything closes', async () => {
    const { lifecycle } = setUp();
    lifecycle.ready();
    const states: string[] = [];
    lifecycle.onClose('port', () => states.push(lifecycle.state));
    await lifecycle.stop(1);
    expect(states).toEqual(['stopping']);
  });

  test('closes everything once if it is stopped twice', async () => {
    const { lifecycle } = setUp();
    let closings = 0;
    lifecycle.onClose('port', () => (closings += 1));
    await Promise.all([lifecycle.stop(0), lifecycle.stop(0)]);
    expect(closings).toBe(1);
  });

  test('refuses to register parts without end, which code that runs for each request would do', () => {
    const { lifecycle } = setUp();
    expect(() => {
      for (let part = 0; part < 1_000; part += 1) lifecycle.onClose('port', () => undefined);
    }).toThrow('register parts once, at the start');
  });
});
