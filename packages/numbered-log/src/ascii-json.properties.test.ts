import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { asciiJson } from './ascii-json.js';

test('asciiJson writes any value as printable ASCII that reads back unchanged', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ stringUnit: 'binary' })),
      (value) => {
        const text = asciiJson(value);
        expect(text).toMatch(/^[\x20-\x7e]*$/);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      },
    ),
  );
});
