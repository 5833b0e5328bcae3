import { describe, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '../project-root.js';
import { commands, packageScripts, type Command } from './command-table.js';
import { helpText, listText } from './help-text.js';
import { readArguments, UsageError } from './read-arguments.js';

const all: readonly (readonly [string, Command])[] = Object.entries(commands);

describe('the command table', () => {
  test('is the source of the scripts in package.json (node tools/cli/write-package-scripts.js)', async () => {
    const { scripts } = JSON.parse(await readFile(join(projectRoot, 'package.json'), 'utf8')) as {
      scripts: unknown;
    };
    expect(scripts).toEqual(packageScripts());
  });

  test('runs only files that exist', () => {
    const files = all.flatMap(([, { runs }]) => runs.map(([file]) => file));
    expect(files.filter((file) => !existsSync(join(projectRoot, file)))).toEqual([]);
  });

  test('passes arguments on only to commands that run one file', () => {
    for (const [, { runs, options, positionals, passesArgumentsTo }] of all)
      if (runs.length > 1)
        expect([options, positionals, passesArgumentsTo]).toEqual([undefined, undefined, undefined]);
  });
});

describe('the help', () => {
  test('lists every command with its description', () => {
    for (const [name, { description }] of all)
      expect(listText()).toContain(`  ${name.padEnd(16)}  ${description}\n`);
  });

  test('of a command shows its actions, options, choices, defaults and requirements', () => {
    const text = helpText('dead-letters', commands['dead-letters']);
    expect(text).toContain('Usage: npm run dead-letters -- [OPTIONS] ACTION [ID...]');
    expect(text).toMatch(/replay ID\.\.\. +publish their events again/);
    expect(text).toMatch(/--url URL .* \(http:\/\/127\.0\.0\.1:8000\)/);
    expect(helpText('start', commands.start)).toMatch(/--broker NAME .*: \w+(?:, \w+)+\n/);
    expect(helpText('test:k8s', commands['test:k8s'])).toContain('  ShellCheck: Debian');
  });
});

describe('reading arguments', () => {
  test('gives the values in the arguments and the defaults in the table', () => {
    const { values, positionals } = readArguments('shoppers', ['erase', 'ada', '--no-export']);
    expect(positionals).toEqual(['erase', 'ada']);
    expect(values).toMatchObject({ 'no-export': true, 'again-after': '35', url: 'http://127.0.0.1:8000' });
  });

  test('throws a UsageError for an unknown option', () => {
    expect(() => readArguments('start', ['--colour', 'red'])).toThrow(UsageError);
  });
});
