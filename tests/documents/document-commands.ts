import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '@unity-purchase/tools';
import type { Page } from './pages.js';

/** The commands for Dapr's own CLI on the page about running, in order. */
export const daprCliCommands = { infra: 'npm run infra -- up kafka mongodb', run: 'dapr run -f .' } as const;

/** The languages of shell blocks. */
const shells = new Set(['sh', 'bash', 'shell', 'zsh', 'console']);

/** A fenced block on a page. */
export type Block = {
  page: string;
  line: number;
  /** The language after the opening fence. */
  language: string;
  text: string;
  /** Why nothing runs it, from the comment right before the block. */
  notRun: string | undefined;
};

const marker = /^<!-- not run: (.*\S) -->$/;
const fence = /^(\s*)(`{3,}|~{3,})\s*(\S*)/;

/** All fenced blocks of a page. @throws Error for a mark that no block follows */
export function blocksOf({ path: page, text }: Page): Block[] {
  const lines = text.split('\n');
  const blocks: Block[] = [];
  let mark: { reason: string; line: number } | undefined;
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    const opening = fence.exec(line);
    if (opening === null) {
      const reason = marker.exec(line.trim())?.[1];
      if (mark !== undefined && line.trim() !== '') throw new Error(`${page}:${mark.line} marks no block`);
      if (reason !== undefined) mark = { reason, line: index + 1 };
      continue;
    }
    const [, , fenced = '', language = ''] = opening;
    const first = index + 1;
    index = lines.findIndex((each, at) => at >= first && each.trim() === fenced);
    if (index === -1) throw new Error(`${page}:${first} opens a block that nothing closes`);
    blocks.push({
      page,
      line: first,
      language,
      text: lines.slice(first, index).join('\n'),
      notRun: mark?.reason,
    });
    mark = undefined;
  }
  if (mark !== undefined) throw new Error(`${page}:${mark.line} marks no block`);
  return blocks;
}

export const isShell = ({ language }: Block): boolean => shells.has(language);

/** The commands in a block: its lines without comments; a trailing backslash continues on the next line. */
export function commandsIn({ text }: Pick<Block, 'text'>): string[] {
  return text
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter((line) => line !== '');
}

/** The commands in a page's unmarked blocks. */
export async function commandsOf(path: string): Promise<string[]> {
  const text = await readFile(join(projectRoot, path), 'utf8');
  return blocksOf({ path, text })
    .filter((block) => isShell(block) && block.notRun === undefined)
    .flatMap(commandsIn);
}

/** Splits a command without quotes into program and arguments. */
export function wordsOf(command: string): [program: string, ...args: string[]] {
  const [program = '', ...args] = command.split(' ');
  return [program, ...args];
}

/** Tells whether a test or `.ci/run` runs a command. */
export type Runs = (command: string) => boolean;

/** Commands that nothing runs and no mark explains, with their locations, and marks without need. */
export function unexplained(blocks: readonly Block[], runs: Runs): string[] {
  return blocks.filter(isShell).flatMap((block) => {
    const place = `${block.page}:${block.line}`;
    const commands = commandsIn(block);
    const ranNowhere = commands.filter((command) => !runs(command));
    if (block.notRun === undefined) return ranNowhere.map((command) => `${place}: nothing runs "${command}"`);
    return ranNowhere.length === 0 ? [`${place}: is marked, but all of it is run`] : [];
  });
}
