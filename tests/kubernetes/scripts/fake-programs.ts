import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What a fake answers when its arguments contain `when`; the first that fits counts. */
export type Answer = { when: string; output?: string; complaint?: string; code?: number };

const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/**
 * Puts programs called `kubectl` and `helm` into the folder, which write down what they are asked, say what they are told to
 * say, and otherwise nothing. `calls` reads what they wrote down, one line a call.
 */
export async function placeFakePrograms(
  folder: string,
  answers: readonly Answer[] = [],
): Promise<{ path: string; calls: () => Promise<string[]> }> {
  const path = join(folder, 'programs');
  const record = join(folder, 'calls');
  await mkdir(path, { recursive: true });
  await writeFile(record, '');
  for (const program of ['kubectl', 'helm']) {
    const cases = answers.map(({ when, output = '', complaint = '', code = 0 }) =>
      [
        `if [[ "${program} $*" == *${quoted(when)}* ]]; then`,
        `  printf '%s' ${quoted(output)}; printf '%s' ${quoted(complaint)} >&2; exit ${code}`,
        'fi',
      ].join('\n'),
    );
    const file = join(path, program);
    await writeFile(
      file,
      ['#!/bin/bash', `echo "${program} $*" >>${quoted(record)}`, ...cases, ''].join('\n'),
    );
    await chmod(file, 0o755);
  }
  return {
    path,
    calls: async () => (await readFile(record, 'utf8')).split('\n').filter((line) => line !== ''),
  };
}
