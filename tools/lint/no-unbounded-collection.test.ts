import { expect, test } from '@jest/globals';
import { Linter } from 'eslint';
import tseslint from 'typescript-eslint';
import { noUnboundedCollection } from './no-unbounded-collection.js';

function problemsIn(code: string): string[] {
  const messages = new Linter().verify(
    code,
    [
      {
        files: ['**/*.ts'],
        languageOptions: { parser: tseslint.parser },
        plugins: { local: { rules: { bounded: noUnboundedCollection } } },
        rules: { 'local/bounded': ['error', { boundedClasses: ['BoundedMap'] }] },
      },
    ],
    'code.ts',
  );
  return messages.map(({ message }) => message);
}

test.each([
  [
    'a cache of the module',
    `const formats = new Map<string, Intl.NumberFormat>();
     export function formatOf(tag: string) {
       const format = formats.get(tag) ?? new Intl.NumberFormat(tag);
       formats.set(tag, format);
       return format;
     }`,
  ],
  [
    'a cache of the module that drops its oldest entry by hand',
    `const formats = new Map();
     const formatOf = (tag: string) => {
       if (formats.size >= 32) formats.delete(formats.keys().next().value);
       formats.set(tag, new Intl.NumberFormat(tag));
     };`,
  ],
  ['an object of the module', 'const counts = {}; const count = (key: string) => { counts[key] = 1; };'],
  [
    'an object without a prototype',
    'const counts: Record<string, number> = Object.create(null); function count(key: string) { counts[key] = 1; }',
  ],
  ['an array of the module', 'const seen: string[] = []; export const see = (id: string) => seen.push(id);'],
  [
    'an array that is replaced by a longer one',
    'let seen = []; const see = (id) => { seen = [...seen, id]; };',
  ],
  ['an object that is replaced', 'let seen = {}; const see = (id) => { seen = { ...seen, [id]: true }; };'],
  ['a set', 'const seen = new Set<string>(); export function see(id: string) { seen.add(id); }'],
  [
    'a private field',
    'class Watchers { readonly #polls = new Map<string, Poll>(); start(id: string) { this.#polls.set(id, {}); } }',
  ],
  [
    'a field under another name',
    'class Watchers { #polls = new Map(); start(id: string) { const polls = this.#polls; polls.set(id, {}); } }',
  ],
  [
    'a field that the constructor creates',
    'class Watchers { polls; constructor() { this.polls = []; } start(id: string) { this.polls.push(id); } }',
  ],
  [
    'a field with the most recent entries that is bounded by hand',
    `class RecentOrders {
       readonly #orders = new Map<string, Order>();
       set(key: string, order: Order) {
         this.#orders.delete(key);
         this.#orders.set(key, order);
         for (const oldest of this.#orders.keys()) {
           if (this.#orders.size <= 5000) return;
           this.#orders.delete(oldest);
         }
       }
     }`,
  ],
  [
    'a map of a returned function',
    'function memoize(f) { const known = new Map(); return (key) => { known.set(key, f(key)); return known.get(key); }; }',
  ],
  [
    'a map of a function that a returned function calls',
    `function memoize(f) {
       const known = new Map();
       const add = (key) => { known.set(key, f(key)); };
       return { get: (key) => { add(key); } };
     }`,
  ],
  [
    'a map of a function that is returned by its name',
    'const create = () => { const known = new Map(); function add(key) { known.set(key, 1); } return { add }; };',
  ],
  [
    'a queue',
    'function queue() { let waiting = []; return (item) => new Promise((settle) => { waiting.push({ item, settle }); }); }',
  ],
  [
    'a removal that somebody else has to call',
    'class Open { #all = new Set(); add(one) { this.#all.add(one); } remove(one) { this.#all.delete(one); } }',
  ],
])('finds %s', (_what, code) => {
  expect(problemsIn(code)).toEqual([expect.stringMatching(/ grows for as long as it lives\./)]);
});

test.each(['rateLimit({ limit: 5 })', 'rateLimit({ ...settings, limit: 5 })'])(
  'finds a limit that counts in the map of its library: %s',
  (code) => {
    expect(problemsIn(code)).toEqual([expect.stringContaining('Give it a bounded store.')]);
  },
);

test.each([
  [
    'a bounded class',
    'const known = new BoundedMap<string, number>(32); const see = (id: string) => known.set(id, 1);',
  ],
  [
    'the code of a bounded class',
    'class BoundedMap { #entries = new Map(); set(key, value) { this.#entries.set(key, value); } }',
  ],
  [
    'a constant table',
    "const names = new Map([['a', 1]]); names.set('b', 2); export const nameOf = (key) => names.get(key);",
  ],
  ['a weak map', 'const leaves = new WeakMap(); const add = (response) => { leaves.set(response, []); };'],
  [
    'a local collection',
    'function unique(ids) { const seen = new Set(); for (const id of ids) seen.add(id); return seen; }',
  ],
  [
    'a local collection that a local function fills',
    'function check(all) { const errors = []; const add = (error) => errors.push(error); all.forEach(add); return errors; }',
  ],
  [
    'a table that is filled before a function returns',
    'function serve(routes) { const all = new Map(); for (const route of routes) all.set(route, 1); return (path) => all.get(path); }',
  ],
  [
    'a field that the constructor fills',
    'class Table { #rows = new Map(); constructor(rows) { for (const row of rows) this.#rows.set(row, 1); } }',
  ],
  [
    'a queue that refuses',
    `function queue() {
       const waiting = [];
       return (item) => {
         if (waiting.length >= 100) throw new Error('busy');
         waiting.push(item);
       };
     }`,
  ],
  [
    'a list that is shortened',
    'class Samples { #all = []; take(one) { this.#all.push(one); if (this.#all.length > 60) this.#all.shift(); } }',
  ],
  [
    'work in progress that is removed by a callback',
    'class Open { #all = new Map(); open(id, stream) { this.#all.set(id, stream); stream.ended.then(() => this.#all.delete(id)); } }',
  ],
  [
    'work in progress that is removed in finally',
    `const turns = new Map();
     async function inTurn(key, action) {
       turns.set(key, action());
       try { return await turns.get(key); } finally { turns.delete(key); }
     }`,
  ],
  [
    'a count that is removed with the last request',
    `function limit() {
       const counts = new Map();
       return (key, response) => {
         counts.set(key, (counts.get(key) ?? 0) + 1);
         onceLeft(response, () => {
           const left = counts.get(key) - 1;
           if (left === 0) counts.delete(key);
           else counts.set(key, left);
         });
       };
     }`,
  ],
  ['a limit with its own store', 'rateLimit({ ...settings, limit: 5, store: boundedHits() })'],
])('accepts %s', (_what, code) => {
  expect(problemsIn(code)).toEqual([]);
});
