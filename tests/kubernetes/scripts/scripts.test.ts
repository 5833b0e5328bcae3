import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { debianProgram, shellcheckPackages, runProgram } from '@unity-purchase/tools';
import { isChange, runWithFakePrograms } from './run-with-fake-programs.js';
import { scriptNames, scriptsFolder } from './run-script.js';

/** The scripts that do nothing without --yes. */
const needConfirmation = new Set(['uninstall-infrastructure', 'renew-dapr-certificates']);

describe('every script', () => {
  test('passes shellcheck', async () => {
    const { tree, env } = await debianProgram(shellcheckPackages);
    const files = (await readdir(scriptsFolder)).filter((file) => file.endsWith('.sh'));
    expect(files).toHaveLength(scriptNames.length + 1);
    const said = await runProgram(
      join(tree, 'usr/bin/shellcheck'),
      ['--external-sources', '--severity=style', ...files.map((file) => join(scriptsFolder, file))],
      { env },
    );
    expect(said).toBe('');
  });

  test.each(scriptNames)('%s --help describes every flag and does nothing else', async (name) => {
    const text = await readFile(join(scriptsFolder, `${name}.sh`), 'utf8');
    const flags = new Set([...text.matchAll(/^ {4}(--[a-z-]+)(?: \| -h)?\)/gm)].map(([, flag]) => flag));
    const { code, output, calls } = await runWithFakePrograms(name, ['--help']);
    expect(flags.size).toBeGreaterThanOrEqual(2);
    for (const flag of flags) expect(output).toMatch(new RegExp(`^ {2}${flag ?? ''} `, 'm'));
    expect({ code, calls }).toEqual({ code: 0, calls: [] });
  });

  test.each(scriptNames.flatMap((name) => [[name, '--wrong'] as const, [name, '--context'] as const]))(
    '%s rejects %s, which is unknown or incomplete, and does nothing',
    async (name, flag) => {
      const { code, output, calls } = await runWithFakePrograms(name, [flag]);
      expect({ code, calls }).toEqual({ code: 64, calls: [] });
      expect(output).toContain(flag);
      expect(output).toContain('--help');
    },
  );

  test.each(scriptNames.filter((name) => name !== 'doctor'))(
    '%s uses only the named context, and does nothing if no cluster answers',
    async (name) => {
      const unreachable = { when: '/readyz', complaint: 'connection refused', code: 1 };
      const { code, output, calls } = await runWithFakePrograms(
        name,
        ['--context', 'elsewhere', ...(needConfirmation.has(name) ? ['--yes'] : [])],
        [unreachable],
      );
      expect(code).toBe(1);
      expect(output).toContain('FAILED (exit code 1): looking for the cluster');
      expect(calls.every((call) => call.includes('--context elsewhere'))).toBe(true);
      expect(calls.filter(isChange)).toEqual([]);
    },
  );
});
