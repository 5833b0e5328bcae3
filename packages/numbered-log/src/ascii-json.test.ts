import { expect, test } from '@jest/globals';
import { asciiJson } from './ascii-json.js';

test.each(['$where', 'a.b', 'he"l\\lo', 'a\u0001\u007f\u0085\u200b\n', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', 'Zoë', '\u2028'])(
  'asciiJson writes %j as printable ASCII that reads back unchanged',
  (name) => {
    const text = asciiJson({ name, [name]: [name] });
    expect(text).toMatch(/^[\x20-\x7e]+$/);
    expect(JSON.parse(text)).toEqual({ name, [name]: [name] });
  },
);
