import { describe, expect, test } from '@jest/globals';
import { EventEmitter } from 'node:events';
import { onInterrupts } from './interrupts.js';

function listening() {
  const source = new EventEmitter();
  const heard: string[] = [];
  const clock = { now: 0 };
  const handlers = { first: () => heard.push('first'), second: () => heard.push('second') };
  const stopListening = onInterrupts(handlers, source, () => clock.now);
  return { source, heard, clock, stopListening };
}

describe('interrupts', () => {
  test('one Ctrl-C that arrives three times at once is one request to stop', () => {
    const { source, heard, clock } = listening();
    source.emit('SIGINT');
    clock.now = 5;
    source.emit('SIGINT');
    clock.now = 300;
    source.emit('SIGINT');
    expect(heard).toEqual(['first']);
  });

  test('another one later asks for an end at once', () => {
    const { source, heard, clock } = listening();
    source.emit('SIGINT');
    clock.now = 1_500;
    source.emit('SIGTERM');
    expect(heard).toEqual(['first', 'second']);
  });

  test('nothing is heard after listening was stopped', () => {
    const { source, heard, stopListening } = listening();
    stopListening();
    source.emit('SIGINT');
    expect(heard).toEqual([]);
  });
});
