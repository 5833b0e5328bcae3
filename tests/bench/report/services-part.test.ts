import { expect, test } from '@jest/globals';
import { servicesPart } from './services-part.js';

test('each service has a row with its start, its memory, and whether both targets are met', () => {
  const figure = { readyMs: [700, 900, 800], idleMiB: 100, peakMiB: 140 };
  const text = servicesPart([
    { name: 'quick', ...figure },
    { name: 'slow', ...figure, readyMs: [1_001, 1_002, 900] },
    { name: 'large', ...figure, idleMiB: 111 },
  ]).join('\n');
  expect(text).toMatch(/^\| quick +\| +800 \(700–900\) \| +100 \| +140 \| +met \|$/m);
  expect(text).toMatch(/^\| slow .* missed \|$/m);
  expect(text).toMatch(/^\| large .* missed \|$/m);
});
