import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { eventRemovalDays, eventRetentionDays } from '@unity-purchase/contracts';
import { projectRoot } from '@unity-purchase/tools';
import { blocksOf, unexplained, type Runs } from './document-commands.js';
import { anchorsOf, deadLinks, linksOf } from './document-links.js';
import { readPages, type Page } from './pages.js';
import { commandRuns } from './who-runs.js';

const pages = await readPages();
const blocks = pages.flatMap(blocksOf);
const { runs, claims } = await commandRuns();

describe('the pages', () => {
  test('name only commands that a test runs, or say why none does', () => {
    expect(unexplained(blocks, runs)).toEqual([]);
    // The test is worthless without any commands.
    expect(blocks.filter(({ language }) => language === 'sh').length).toBeGreaterThan(20);
  });

  test('name the language of every code block', () => {
    const nameless = blocks.filter(({ language }) => language === '');
    expect(nameless.map(({ page, line }) => `${page}:${line}`)).toEqual([]);
  });

  test('link only to files and headings that exist', () => {
    expect(deadLinks(pages)).toEqual([]);
    expect(pages.flatMap(linksOf).length).toBeGreaterThan(100);
  });

  test('mention only npm scripts that exist', async () => {
    const { scripts } = JSON.parse(await readFile(join(projectRoot, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const named = pages.flatMap(({ path, text }) =>
      [...text.matchAll(/npm run (?:--?\S+ )*([\w:-]+)/g)].map(([, script = '']) => ({ path, script })),
    );
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter(({ script }) => scripts[script] === undefined)).toEqual([]);
  });
});

test('every page says the same about how long a broker keeps events', () => {
  const said = pages
    .filter(({ path }) => path !== 'CHANGELOG.md')
    .flatMap(({ path, text }) =>
      text
        .replaceAll(/\s+/g, ' ')
        .split(/(?<=[.:|]) /)
        .filter(
          (sentence) => /\b(brokers?|events?)\b/i.test(sentence) && /\b(keep|kept|has it)/i.test(sentence),
        )
        .flatMap((sentence) =>
          [...sentence.matchAll(/\b(a|\w+) (day|week|month)s?\b/g)].map(([time]) => ({ path, time })),
        ),
    );
  expect(said.length).toBeGreaterThanOrEqual(4);
  expect([eventRetentionDays, eventRemovalDays]).toEqual([13, 14]);
  expect(said.filter(({ time }) => !/^(thirteen|13|fourteen) days$/.test(time))).toEqual([]);
});

test('the metrics page lists every metric of the services and no other', async () => {
  const sources = await Promise.all(
    ['storefront/src', 'purchase-service/src', 'packages/service-kit/src'].map(async (folder) => {
      const files = await readdir(join(projectRoot, folder), { recursive: true });
      const code = files.filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
      return Promise.all(code.map((file) => readFile(join(projectRoot, folder, file), 'utf8')));
    }),
  );
  const registered = sources
    .flat()
    .flatMap((text) => [...text.matchAll(/name: '(\w+)',\s+help:/g)].map(([, name = '']) => name));
  const { text = '' } = pages.find(({ path }) => path === 'docs/operators/dashboards.md') ?? {};
  const all = text.slice(text.indexOf('## All of them'));
  const told = [...all.matchAll(/`([a-z]+_[a-z_]+)`/g)].map(([, name = '']) => name);
  expect(told.sort()).toEqual(registered.sort());
});

test.each(claims)('$file runs "$command"', async ({ file, words }) => {
  expect(await readFile(join(projectRoot, file), 'utf8')).toContain(words);
});

describe('the search for commands', () => {
  const page = (...lines: string[]): Page => ({ path: 'page.md', text: lines.join('\n') });
  const runsTrue: Runs = (command) => command === 'true';
  const lookedAt = (...lines: string[]) => unexplained(blocksOf(page(...lines)), runsTrue);

  test('reports a command that nothing runs, in any shell, with its location', () => {
    expect(
      lookedAt('# Page', '```sh', 'true', 'rm -rf tmp # tidy', '```', '~~~bash', 'ls \\', '  -l', '~~~'),
    ).toEqual(['page.md:2: nothing runs "rm -rf tmp"', 'page.md:6: nothing runs "ls -l"']);
  });

  test('ignores marked blocks and blocks that are not shell', () => {
    expect(lookedAt('<!-- not run: needs a cluster -->', '', '```sh', 'ls', '```')).toEqual([]);
    expect(lookedAt('```yaml', 'ls: true', '```')).toEqual([]);
  });

  test('rejects a mark without a reason, in the wrong place or without need', () => {
    expect(lookedAt('<!-- not run: -->', '```sh', 'ls', '```')).toHaveLength(1);
    expect(() => lookedAt('<!-- not run: later -->', 'Then:', '```sh', 'ls', '```')).toThrow(
      'marks no block',
    );
    expect(() => lookedAt('<!-- not run: later -->')).toThrow('marks no block');
    expect(lookedAt('<!-- not run: later -->', '```sh', 'true', '```')).toEqual([
      'page.md:2: is marked, but all of it is run',
    ]);
  });
});

describe('the search for links', () => {
  const page = (text: string): Page => ({ path: 'README.md', text });

  test.each([
    ['a file that is not there', '[x](docs/nothing.md)'],
    ['a picture that is not there', '![x](docs/nothing.png)'],
    ['a heading that is not there', '# A\n\n[x](#b)'],
    ['a heading that another page has not', '[x](ARCHITECTURE.md#nothing)'],
    ['out of the project', '[x](../elsewhere.md)'],
    ['a file, by a definition', '[x]\n\n[x]: docs/nothing.md'],
  ])('finds one to %s', (_what, text) => {
    const other: Page = { path: 'ARCHITECTURE.md', text: '# Its heading' };
    expect(deadLinks([page(text), other])).toHaveLength(1);
  });

  test('resolves headings the way GitHub names them', () => {
    const text = '# Its `code`, and more\n\n## Twice\n\n## Twice\n\n```sh\n# comment\n```\n';
    expect([...anchorsOf(page(text))]).toEqual(['its-code-and-more', 'twice', 'twice-1']);
  });
});
