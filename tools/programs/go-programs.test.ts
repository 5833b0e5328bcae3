import { expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { obtainGoPrograms, wrapperGoMod, type GoPrograms } from './go-programs.js';
import { silentProgress } from './progress.js';
import { versions } from './versions.js';

const programs: GoPrograms = {
  name: 'answer',
  module: 'example.org/answer',
  version: 'v1.36.1',
  stagingVersion: 'v0.36.1',
  packages: { answer: 'example.org/answer/cmd/answer', question: 'example.org/answer/cmd/question' },
  takes: 'no time',
};

/** Prints a version and an empty go.mod, and copies the go.mod of the main module instead of building. */
const compiler = `#!/bin/sh
case "$1" in
  env) echo go${versions.goMinimum}; exit ;;
  mod) if [ "$2" = edit ]; then echo '{"Require":null,"Replace":null}'; else echo '{"GoMod":"/upstream/go.mod"}'; fi; exit ;;
esac
while [ "$1" != -o ]; do shift; done
{ echo "$3"; cat go.mod; } > "$2"
`;

test('obtainGoPrograms builds the programs of a module once, into one folder, from a main module that requires theirs', async () => {
  await using folder = await temporaryFolder();
  const go = await folder.write('go', compiler, 0o755);
  const settings = { cacheRoot: join(folder.path, 'cache'), progress: silentProgress, go };
  const built = await obtainGoPrograms(programs, settings);
  for (const [name, packagePath] of Object.entries(programs.packages)) {
    const text = await readFile(join(built, name), 'utf8');
    expect(text).toContain(packagePath);
    expect(text).toContain('require example.org/answer v1.36.1');
  }
  expect(await obtainGoPrograms(programs, { ...settings, go: '/nowhere/go' })).toBe(built);
  expect(await obtainGoPrograms({ ...programs, linkerFlags: ['-X a=b'] }, settings)).not.toBe(built);
});

test('wrapperGoMod repeats the replacements of upstream except local folders, and sets the staging version', () => {
  const wrapper = wrapperGoMod(programs, {
    Require: [
      { Path: 'k8s.io/api', Version: 'v0.0.0' },
      { Path: 'k8s.io/utils', Version: 'v0.1.0' },
    ],
    Replace: [
      {
        Old: { Path: 'example.org/fork', Version: 'v1.0.0' },
        New: { Path: 'example.org/ours', Version: 'v1.0.1' },
      },
      { Old: { Path: 'example.org/beside' }, New: { Path: './beside' } },
    ],
  });
  expect(wrapper.split('\n')).toEqual([
    'module unity-purchase-build',
    `go ${versions.goMinimum}`,
    'require example.org/answer v1.36.1',
    'replace example.org/fork v1.0.0 => example.org/ours v1.0.1',
    'replace k8s.io/api => k8s.io/api v0.36.1',
    '',
  ]);
});
