import { describe, expect, test } from '@jest/globals';
import { EventEmitter } from 'node:events';
import { onInterrupts } from './interrupts.js';

function listening() {
  const source = new EventEmitter();
  const called: string[] = [];
  const clock = { now: 0 };
  const handlers = { first: () => called.push('first'), second: () => called.push('second') };
  const stopListening = onInterrupts(handlers, source, () => clock.now);
  return { source, called, clock, stopListening };
}

describe('interrupts', () => {
  test('counts signals within a second of the first as the same Ctrl-C', () => {
    const { source, called, clock } = listening();
    source.emit('SIGINT');
    clock.now = 5;
    source.emit('SIGINT');
    clock.now = 300;
    source.emit('SIGINT');
    expect(called).toEqual(['first']);
  });

  test('calls the second handler for a signal that arrives later', () => {
    const { source, called, clock } = listening();
    source.emit('SIGINT');
    clock.now = 1_500;
    source.emit('SIGTERM');
    expect(called).toEqual(['first', 'second']);
  });

  test('calls no handler after listening was stopped', () => {
    const { source, called, stopListening } = listening();
    stopListening();
    source.emit('SIGINT');
    expect(called).toEqual([]);
  });
});
