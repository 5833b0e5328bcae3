import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '@unity-purchase/tools';
import { daprCliCommands, type Runs } from './document-commands.js';

/** A documented command, and the test file that runs it and contains these words. */
export type Claim = { command: string; file: string; words: string };

const test = (file: string, words: string, ...commands: string[]): Claim[] =>
  commands.map((command) => ({
    command,
    file: `tests/${file === 'site.test.ts' ? 'documents' : 'e2e'}/${file}`,
    words,
  }));

/** Commands run by tests that prepare their own system, or not listed one by one in `.ci/run`. */
const claims: readonly Claim[] = [
  ...['show', 'replay'].flatMap((action) =>
    test('dead-letters.test.ts', `command('${action}'`, `npm run dead-letters -- ${action} ID`),
  ),
  ...test('dead-letters.test.ts', "list('waiting')", 'npm run dead-letters -- list --list waiting'),
  ...test(
    'dead-letters.test.ts',
    "command('list', '--reason', 'unreadable', '--from', from, '--before', until)",
    'npm run dead-letters -- list --reason invalid --from 2026-11-25T10:00:00Z --before 2026-11-26T10:00:00Z',
  ),
  ...test(
    'dead-letters.test.ts',
    "command('replay', '--all', '--reason', 'not-recorded', '--before', earlier)",
    'npm run dead-letters -- replay --all --reason not-recorded --before 2026-11-26T10:00:00Z',
  ),
  ...test(
    'dead-letters.test.ts',
    "command('discard', id, '--because'",
    'npm run dead-letters -- discard ID --because "A test order of ours"',
  ),
  ...test('dead-letters.test.ts', "command('replay', '--all')", 'npm run dead-letters -- replay --all'),
  ...test(
    'shoppers.test.ts',
    "'export', 'nobody', '--file'",
    'npm run shoppers -- export ada --file ada.ndjson',
  ),
  ...test(
    'shoppers.test.ts',
    "'erase', ada.id, '--export'",
    'npm run shoppers -- erase ada --export ada.ndjson',
  ),
  ...test('infra.test.ts', "infra('status'", 'npm run infra -- status'),
  ...['docs:api', 'build:site'].flatMap((script) =>
    test('site.test.ts', `npmRun('${script}')`, `npm run ${script}`),
  ),
  {
    command: 'npm run release -- rollback --to 1.1.0',
    file: 'tests/release/release.test.ts',
    words: "release('rollback', '--to', '1.1.0')",
  },
  {
    command: 'npm run release -- promote',
    file: 'tests/release/release.test.ts',
    words: "release('promote'",
  },
  {
    command: 'npm run release -- confirm',
    file: 'tests/release/release.test.ts',
    words: "release('confirm')",
  },
  ...test('dapr-cli.test.ts', 'daprCliCommands', ...Object.values(daprCliCommands)),
];

/** The commands run by `.ci/run`, by commands.test.ts (which reads them from the pages) or by the tests above. */
export async function commandRuns(): Promise<{ runs: Runs; claims: readonly Claim[] }> {
  const ci = (await readFile(join(projectRoot, '.ci/run'), 'utf8'))
    .split('\n')
    .map((line) => line.replace(/^in_background /, ''));
  // `npm test` runs both.
  const isPartOfTest = (command: string) => ['npm run test:unit', 'npm run test:e2e'].includes(command);
  const files = await readdir(projectRoot, { recursive: true });
  const tests = files.filter((file) => file.endsWith('.test.ts') && !file.includes('node_modules'));
  // The arguments select tests, all of which the whole run includes.
  const isSomeTests = (command: string) => {
    const [whole = '', part, ...more] = command.split(' -- ');
    return (
      part !== undefined &&
      more.length === 0 &&
      isPartOfTest(whole) &&
      tests.some((file) => file.includes(part))
    );
  };
  return {
    claims,
    runs: (command) =>
      ci.some((line) => line === command || line.startsWith(`${command} -- `)) ||
      isPartOfTest(command) ||
      isBenchmark(command) ||
      isSomeTests(command) ||
      claims.some((claim) => claim.command === command) ||
      isTyped(command),
  };
}

/** docs/performance.md gives the size of its run; `.ci/run` does a small one. */
const isBenchmark: Runs = (command) =>
  /^npm run bench -- --rounds \d+ --seconds \d+ --backlog \d+$/.test(command);

/** Tells whether commands.test.ts runs a command exactly as documented and checks its result. */
export const isTyped: Runs = (command) =>
  [...startCommands, 'curl '].some((beginning) => command.startsWith(beginning));

/** Documented commands that start the whole system begin like this. */
export const startCommands = ['npm start', 'npm run dev'];
