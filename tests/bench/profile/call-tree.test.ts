import { describe, expect, test } from '@jest/globals';
import { callTreeOf, ownerOf, timesByOwner } from './call-tree.js';
import type { CpuProfile } from './cpu-profile.js';
import { flameGraph } from './flame-graph.js';

const frame = (functionName: string, url: string) => ({
  functionName,
  url,
  scriptId: '0',
  lineNumber: 0,
  columnNumber: 0,
});

/** `buy` calls a package, which calls Node; then the thread has nothing to do. */
const profile: CpuProfile = {
  nodes: [
    { id: 1, callFrame: frame('(root)', ''), children: [2, 5, 6] },
    { id: 2, callFrame: frame('buy', 'file:///shop/storefront/src/buy.ts'), children: [3] },
    { id: 3, callFrame: frame('send', 'file:///shop/node_modules/@scope/client/send.js'), children: [4] },
    { id: 4, callFrame: frame('write', 'node:net') },
    { id: 5, callFrame: frame('(idle)', '') },
    { id: 6, callFrame: frame('(garbage collector)', '') },
  ],
  startTime: 0,
  endTime: 150,
  samples: [2, 3, 4, 5, 6, 2],
  timeDeltas: [10, 1, 2, 4, 100, 8],
};

const tree = callTreeOf(profile, 'file:///shop/');

describe('a call tree', () => {
  test('has the time of each function until the next sample, and no idle time', () => {
    expect(tree).toMatchObject({
      totalUs: 15,
      children: [
        {
          name: 'buy',
          file: 'storefront/src/buy.ts',
          selfUs: 1,
          totalUs: 7,
          children: [{ selfUs: 2, totalUs: 6 }],
        },
        { name: '(garbage collector)', totalUs: 8 },
      ],
    });
  });

  test('gives the time in Node to its caller', () => {
    expect(timesByOwner(tree)).toEqual([
      { owner: '(garbage collector)', us: 8 },
      { owner: '@scope/client', us: 6 },
      { owner: 'storefront/src/buy.ts', us: 1 },
    ]);
  });
});

test.each([
  ['parse', 'file:///shop/node_modules/pug/lib/index.js', 'pug'],
  ['stringify', '', 'node'],
  ['(program)', '', '(program)'],
  ['execute', 'wasm://wasm/0003', 'node'],
])('%s in %j belongs to %s', (name, file, owner) => {
  expect(ownerOf({ name, file })).toBe(owner);
});

test('a flame graph draws each function as wide as its time, with escaped names', () => {
  const svg = flameGraph(callTreeOf(profile, 'file:///'), 'a < b');
  expect(svg).toContain('<title>a &lt; b: 100.0 %, 0.0 ms</title>');
  expect(svg).toContain('send shop/node_modules/@scope/client/send.js: 40.0 %');
  expect(svg.match(/<rect/g)).toHaveLength(5);
});
