import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { check, resolveConfig } from 'prettier';
import { projectRoot } from '@unity-purchase/tools';
import { run } from '../system/run-command.js';
import { blocksOf, commandsIn, wordsOf, type Block } from './document-commands.js';

const path = 'docs/developers/first-change.md';
const blocks = blocksOf({ path, text: await readFile(join(projectRoot, path), 'utf8') });

const subject = 'storefront/src/catalogue/search-catalogue.ts';
const subjectTest = 'storefront/src/catalogue/search-catalogue.test.ts';

/** These are large, and either generated or linked. */
const leftOut = new Set(['node_modules', '.git', '.data', 'dist', 'coverage']);

/** A copy of the project without its history. It shares the installed dependencies. */
async function copyOfProject() {
  const folder = await mkdtemp(join(tmpdir(), 'first-change-'));
  await cp(projectRoot, folder, { recursive: true, filter: (source) => !leftOut.has(basename(source)) });
  await symlink(join(projectRoot, 'node_modules'), join(folder, 'node_modules'));
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

/** Applies the lines of a diff without headers to a file, where the old lines must occur exactly once. */
async function applyDiff({ text }: Block, file: string): Promise<void> {
  const lines = text.split('\n');
  const withMarks = (...marks: string[]) =>
    lines
      .filter((line) => marks.includes(line.slice(0, 1)))
      .map((line) => line.slice(1))
      .join('\n');
  const parts = (await readFile(file, 'utf8')).split(withMarks(' ', '-'));
  expect(parts).toHaveLength(2);
  await writeFile(file, parts.join(withMarks(' ', '+')));
}

test('the first change, as documented, makes its failing test pass', async () => {
  await using project = await copyOfProject();
  const { folder } = project;
  const [rows, change, ...more] = blocks.filter(({ language }) => language === 'diff');
  const command = blocks.flatMap(commandsIn).find((line) => line.includes('search-catalogue'));
  if (rows === undefined || change === undefined || command === undefined)
    throw new Error(`${path} has no steps`);
  expect(more).toEqual([]);
  const runTests = async () => {
    const [program, ...args] = wordsOf(command);
    await using tests = run(program, args, { cwd: folder });
    return { code: await tests.exited, output: tests.output() };
  };

  await applyDiff(rows, join(folder, subjectTest));
  const before = await runTests();
  expect(before).toEqual({ code: 1, output: expect.stringContaining('2 failed, 0 skipped') });

  await applyDiff(change, join(folder, subject));
  const after = await runTests();
  expect(after).toEqual({ code: 0, output: expect.stringMatching(/\n19 passed, 0 failed, 0 skipped/) });

  for (const file of [subject, subjectTest]) {
    const options = await resolveConfig(join(projectRoot, file));
    const source = await readFile(join(folder, file), 'utf8');
    expect([file, await check(source, { ...options, filepath: file })]).toEqual([file, true]);
  }
}, 120_000);
