import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { projectRoot } from '@unity-purchase/tools';
import { findProseProblems, obtainVale } from '../../tools/prose/prose-linter.js';

/** Long enough to build vale when it is not in the cache. */
const builtWithinMs = 10 * 60_000;

/** For each list of phrases, one sentence for each of its entries. */
const badSentences = {
  'English.Phrases': [
    'Whoever starts it reads this.',
    'Nobody answers the request.',
    "Use a cluster of one's own.",
    'This page tells of the weakness.',
    'The shop is told the address.',
    'The page hears of the purchase.',
    'The package knows nothing of Dapr.',
    'The version stands in a file.',
    'The program cannot be had.',
    'The jar is had from Maven.',
    'It shall find a product.',
    'It is a log in the following sense.',
    'It is valid by the rules of now.',
    'It lists all ports that there are.',
    'There is for it a table.',
    'This file is no event.',
    'This can be no shopper.',
    'Take the text as it stands.',
    'The server goes on after that.',
    'The test starts anew.',
    'Topics are created beforehand.',
    'The store changes likewise.',
    'It is a rule whereby events expire.',
    'The command puts it right.',
    'The subscription ends for good.',
    'The page does without scripts.',
    'The page shows what became of it.',
    'The store is away.',
    'The hole is mended.',
    'The sidecar drops it in silence.',
    'The service failed lately.',
    'From then on the store answers.',
    'It is, as it were, a queue.',
    'It is a matter of what it is.',
    'It shows all that is recorded.',
    'The pod is well.',
    'The answer is worth nothing.',
    'Every deed is recorded.',
  ],
  'English.Vocabulary': [
    'The id was minted in the shop.',
    'The event contradicts the record.',
    'The event comes again.',
    'The event is published again.',
    'The writer foresees the outcome.',
    'The service is hurrying the page.',
    'The page lists dead events.',
  ],
  'German.Phrases': [
    'Hier ist etwas Unzustellbares.',
    'Aufgegeben am Montag.',
    'Der Laden ist offen.',
    'Bitte drücken.',
    'Der sind Sie, wer Sie zu sein sagen.',
    'Das weiß, wer diesen Shop betreibt.',
    'Es wurde noch einmal veröffentlicht.',
    'Es gilt nach den Regeln von heute.',
    'Sehen Sie, was daraus wurde.',
    'Dies ist eine Vorführung.',
    'Es dauert binnen zwei Tagen.',
    'Auch zweimal klicken kauft einmal.',
  ],
} as const;

const goodSentences = {
  English: [
    'A replay publishes a dead letter once more, and recording it twice is harmless.',
    'There is no known vulnerability that has a fix.',
    'The order is no longer valid, and the `whoever` in this code is skipped.',
  ],
  German: [
    'Ihr Kauf ist in Ihrer Kaufübersicht gespeichert.',
    'Auch ein Doppelklick löst nur eine Bestellung aus.',
  ],
};

const longSentence = `The log ${'has a segment and '.repeat(9)}ends.`;

let folder: string;
let vale: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'prose-test-'));
  vale = await obtainVale();
}, builtWithinMs);

afterAll(() => rm(folder, { recursive: true, force: true }));

/** The problems in a new file, as "line rule". */
async function problemsIn(path: string, content: string): Promise<string[]> {
  const file = join(folder, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
  return (await findProseProblems(vale, [file])).map(({ line, rule }) => `${line} ${rule}`);
}

/** The n-th paragraph is on line 2n + 1. */
const paragraphs = (sentences: readonly string[]): string => `${sentences.join('\n\n')}\n`;

describe.each(Object.entries(badSentences))('%s', (rule, sentences) => {
  const [language = ''] = rule.split('.');

  test('reports every sentence with a phrase from the list', async () => {
    const file = language === 'German' ? 'german.txt' : 'bad.md';
    const problems = await problemsIn(file, paragraphs(sentences));
    expect([...new Set(problems)]).toEqual(sentences.map((_, index) => `${2 * index + 1} ${rule}`));
  });

  test('has an example here for every phrase in the list', async () => {
    const list = join(projectRoot, 'tools/prose/rules', `${rule.replace('.', '/')}.yml`);
    const { swap, ignorecase } = parse(await readFile(list, 'utf8')) as {
      swap: Record<string, string>;
      ignorecase: boolean;
    };
    const withoutExample = Object.keys(swap).filter(
      (phrase) => !sentences.some((sentence) => new RegExp(phrase, ignorecase ? 'i' : '').test(sentence)),
    );
    expect(withoutExample).toEqual([]);
  });
});

test('a sentence of more than 35 words is reported, one of 35 is not', async () => {
  const words = (count: number) => `${'word '.repeat(count - 1)}word.`;
  expect(await problemsIn('long.md', paragraphs([words(35), words(36)]))).toEqual([
    '3 English.SentenceLength',
  ]);
  expect(await problemsIn('german.txt', paragraphs([words(35), words(36)]))).toEqual([
    '3 German.SentenceLength',
  ]);
});

test('good sentences are not reported', async () => {
  expect(await problemsIn('good.md', paragraphs(goodSentences.English))).toEqual([]);
  expect(await problemsIn('german.txt', paragraphs(goodSentences.German))).toEqual([]);
});

test('comments in TypeScript are checked, code is not', async () => {
  const source = ['/**', ' * Whoever reads this.', ' */', "const nobody = 'nobody';", `// ${longSentence}`];
  expect(await problemsIn('code.ts', source.join('\n'))).toEqual([
    '2 English.Phrases',
    '5 English.SentenceLength',
  ]);
});

test('comments and texts in YAML are checked', async () => {
  const manifest = '# Nobody reads this.\nsummary: Nobody reads this either.\n';
  expect(await problemsIn('alert.yaml', manifest)).toEqual(['1 English.Phrases', '2 English.Phrases']);
});

test('the texts of the shop are checked in their language', async () => {
  const source = "export const texts = {\n  shop: 'Laden',\n  nobody: 'Nobody',\n};\n";
  expect(await problemsIn('texts/german.ts', source)).toEqual(['2 German.Phrases']);
  expect(await problemsIn('texts/english.ts', source)).toEqual(['3 English.Phrases']);
});
