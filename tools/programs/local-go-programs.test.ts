import { expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { obtainLocalGoProgram } from './local-go-programs.js';
import { silentProgress } from './progress.js';

/** Prints a version, and copies the source instead of building it. */
const compiler = `#!/bin/sh
if [ "$1" = env ]; then echo go1.3; exit; fi
while [ "$1" != -o ]; do shift; done
cp main.go "$2"
`;

test('obtainLocalGoProgram builds a program once, and again after a change of its source or go.mod', async () => {
  await using folder = await temporaryFolder();
  const go = await folder.write('go', compiler, 0o755);
  const settings = {
    cacheRoot: join(folder.path, 'cache'),
    progress: silentProgress,
    go,
  };
  const program = { folder: join(folder.path, 'answer'), takes: 'no time' };
  await folder.write('answer/go.mod', 'module answer\ngo 1.2\n');
  await folder.write('answer/main.go', 'first');
  const first = await obtainLocalGoProgram(program, settings);
  expect(await readFile(first, 'utf8')).toBe('first');
  expect(await obtainLocalGoProgram(program, { ...settings, go: '/nowhere/go' })).toBe(first);

  await folder.write('answer/main.go', 'second');
  const second = await obtainLocalGoProgram(program, settings);
  expect(await readFile(second, 'utf8')).toBe('second');

  await folder.write('answer/go.mod', 'module answer\ngo 1.3\n');
  expect(await obtainLocalGoProgram(program, settings)).not.toBe(second);

  await folder.write('answer/go.mod', 'module answer\ngo 1.4\n');
  await expect(obtainLocalGoProgram(program, settings)).rejects.toThrow('Go 1.4 or newer is required');
});
