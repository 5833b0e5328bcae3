import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, extname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { projectRoot } from '../project-root.js';
import { obtainGoProgram } from '../programs/go-programs.js';
import { runProgram } from '../programs/run-program.js';
import { versions } from '../programs/versions.js';
import { displayTextsOf, type DisplayText } from './display-texts.js';

/** A sentence that breaks a rule. `file` is relative to the root of the project; `line` and `column` begin at 1. */
export type ProseProblem = { file: string; line: number; column: number; rule: string; message: string };

const config = fileURLToPath(new URL('.vale.ini', import.meta.url));

/** The files whose string literals people read on the shop's pages. */
const textFile = /[/\\]texts[/\\](?:english|german)\.ts$/;

/** Folders without sentences of ours: what npm, compilers, tests and the site's generator write. */
const skippedFolders = new Set([
  'node_modules',
  'dist',
  'coverage',
  '.data',
  '.git',
  '.dapr',
  '.pages',
  'cache',
]);

const checkedExtensions = new Set(['.md', '.ts', '.js', '.yaml']);

const valeOutput = z.record(
  z.string(),
  z.array(
    z.object({
      Line: z.number(),
      Span: z.tuple([z.number(), z.number()]),
      Check: z.string(),
      Message: z.string(),
    }),
  ),
);

/**
 * Resolves to the path of vale, built with Go into the cache. Rejects when Go or a C compiler is missing: vale parses source
 * code with tree-sitter, which is written in C.
 */
export async function obtainVale(): Promise<string> {
  return obtainGoProgram({
    name: 'vale',
    module: 'github.com/vale-cli/vale/v3',
    version: `v${versions.vale}`,
    packages: { vale: 'github.com/vale-cli/vale/v3/cmd/vale' },
    needsC: true,
    takes: 'about two minutes on two cores',
  });
}

/**
 * Checks Markdown, comments and the shop's texts against the rules in `rules/`. `paths` are files or folders, relative to the
 * root of the project; without any, everything is checked. Problems are sorted by file and line.
 */
export async function findProseProblems(
  vale: string,
  paths: readonly string[] = ['.'],
): Promise<ProseProblem[]> {
  const files = (await Promise.all(paths.map((path) => filesIn(resolve(projectRoot, path))))).flat();
  if (files.length === 0) return [];
  const texts = files.filter((file) => textFile.test(file));
  const found = [...(await runVale(vale, files)), ...(await problemsInTexts(vale, texts))];
  return found
    .map((problem) => ({ ...problem, file: relative(projectRoot, problem.file) }))
    .sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column);
}

/** All files below a folder that can contain prose; for a file, only itself. */
async function filesIn(path: string): Promise<string[]> {
  if ((await stat(path)).isFile()) return [path];
  const entries = await readdir(path, { withFileTypes: true });
  const found = entries.map(async (entry) => {
    const child = join(path, entry.name);
    if (entry.isDirectory()) return skippedFolders.has(entry.name) ? [] : await filesIn(child);
    return checkedExtensions.has(extname(entry.name)) ? [child] : [];
  });
  return (await Promise.all(found)).flat();
}

/** Vale reads no string literals, so each text becomes a paragraph of a plain text file. */
async function problemsInTexts(vale: string, files: readonly string[]): Promise<ProseProblem[]> {
  const folder = await mkdtemp(join(tmpdir(), 'unity-purchase-prose-'));
  try {
    const problems = await Promise.all(
      files.map(async (file) => {
        const texts = displayTextsOf(await readFile(file, 'utf8'));
        const extracted = join(folder, `${basename(file, '.ts')}.txt`);
        await writeFile(extracted, texts.map(({ text }) => `${asSentence(text)}\n`).join('\n'));
        return (await runVale(vale, [extracted])).map((problem) => inSource(problem, file, texts));
      }),
    );
    return problems.flat();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A label ends without a full stop, and vale would read it and the next text as one sentence. */
function asSentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

/** Text number `n` is on line `2n + 1` of the extracted file. */
function inSource(problem: ProseProblem, file: string, texts: readonly DisplayText[]): ProseProblem {
  const text = texts[Math.floor((problem.line - 1) / 2)];
  return { ...problem, file, line: text?.line ?? 1, column: (text?.column ?? 1) + problem.column - 1 };
}

async function runVale(vale: string, files: readonly string[]): Promise<ProseProblem[]> {
  // Vale answers with 1 when it has found something; with --no-exit only real failures end with another code than 0.
  const output = await runProgram(vale, ['--config', config, '--output', 'JSON', '--no-exit', ...files]);
  return Object.entries(valeOutput.parse(JSON.parse(output))).flatMap(([file, alerts]) =>
    alerts.map(({ Line, Span: [column], Check, Message }) => ({
      file,
      line: Line,
      column,
      rule: Check,
      message: Message,
    })),
  );
}
