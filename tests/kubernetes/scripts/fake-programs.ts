import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The answer of a fake program to arguments that contain `when`. The first match counts. */
export type Answer = { when: string; output?: string; complaint?: string; code?: number };

const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/**
 * Writes programs called `kubectl`, `helm` and `git`, or only these, into the folder. They record their arguments, print the matching
 * answer, and print nothing otherwise. `calls` reads the recorded lines, one per call.
 */
export async function placeFakePrograms(
  folder: string,
  answers: readonly Answer[] = [],
  programs: readonly string[] = ['kubectl', 'helm', 'git'],
): Promise<{ path: string; calls: () => Promise<string[]> }> {
  const path = join(folder, 'programs');
  const record = join(folder, 'calls');
  await mkdir(path, { recursive: true });
  await writeFile(record, '');
  for (const program of programs) {
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
