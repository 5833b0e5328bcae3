import { expect, test } from '@jest/globals';
import { servicesPart } from './services-part.js';

test('each service has a row with its starts and its memory', () => {
  const text = servicesPart([
    { name: 'a-service', readyMs: [700, 900, 800], idleMiB: 100, peakMiB: 140.4 },
  ]).join('\n');
  expect(text).toMatch(/^\| a-service +\| +800 \(700–900\) \| +100 \| +140 \|$/m);
});
