import { describe, expect, test } from '@jest/globals';
import { eventText } from './event-stream.js';

describe('eventText', () => {
  test('writes a name, an id and the data', () => {
    expect(eventText({ event: 'changed', id: '7', data: '' })).toBe('event: changed\nid: 7\ndata: \n\n');
  });

  test('keeps data of several lines together, whichever kind of line break it has', () => {
    expect(eventText({ event: 'changed', id: '7', data: 'a\nb\r\nc\rd' })).toBe(
      'event: changed\nid: 7\ndata: a\ndata: b\ndata: c\ndata: d\n\n',
    );
  });

  test.each([
    ['a\nevent: other', '1'],
    ['changed', '1\rdata: other'],
    ['changed', '1\0'],
  ])('refuses the name %j with the id %j', (event, id) => {
    expect(() => eventText({ event, id, data: '' })).toThrow(TypeError);
  });
});
