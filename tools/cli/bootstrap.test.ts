import { describe, expect, jest, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { waitUntil } from '../local/wait-until.js';
import { temporaryFolder } from '../testing/temporary-folder.js';

// Real processes on a busy machine; every wait in here has a shorter deadline and a better message.
jest.setTimeout(60_000);

/** A fake loader. It prints what would run, then exits with 7. With --wait it exits on SIGTERM, with 5. */
const fakeTsx = `
  process.on('SIGTERM', () => process.exit(5));
  console.log('ran', process.argv.slice(1).join(' '));
  if (!process.argv.includes('--wait')) process.exit(7);
  await new Promise((resolve) => setTimeout(resolve, 60_000));`;

async function project() {
  const folder = await temporaryFolder();
  for (const file of ['bootstrap.js', 'command-table.js', 'help-text.js'])
    await folder.write(`tools/cli/${file}`, await readFile(join(import.meta.dirname, file), 'utf8'));
  const script = join(folder.path, 'tools/cli/bootstrap.js');
  for (const choice of ['components/brokers/pigeon', 'components/stores/shoebox'])
    await folder.write(`${choice}/component.yaml`, '');
  await folder.write('package.json', '{"type":"module"}');
  await folder.write('package-lock.json', '{}');
  const tsx = { name: 'tsx', type: 'module', exports: './index.js' };
  await folder.write('node_modules/tsx/package.json', JSON.stringify(tsx));
  await folder.write('node_modules/tsx/index.js', fakeTsx);
  await folder.write('bin/npm', '#!/bin/sh\necho "npm $*"\n', 0o755);
  const start = (...args: string[]) => {
    const env = { ...process.env, PATH: `${folder.path}/bin${delimiter}${process.env['PATH'] ?? ''}` };
    const child = spawn(process.execPath, [script, ...args], { env });
    const output = { text: '' };
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output.text += chunk.toString()));
    const ended = once(child, 'close').then(([code]) => ({ code: code as number, text: output.text }));
    return { child, output, ended };
  };
  return {
    write: folder.write,
    start,
    run: (...args: string[]) => start(...args).ended,
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

describe('the bootstrap', () => {
  test('installs the dependencies once, and again when the lock file has changed', async () => {
    await using fixture = await project();
    expect((await fixture.run('setup')).text).toContain('npm ci');
    expect((await fixture.run('setup')).text).not.toContain('npm ci');
    await fixture.write('package-lock.json', '{"changed":true}');
    expect((await fixture.run('setup')).text).toContain('npm ci');
  });

  test('installs for a start only what the shop needs, and the rest for a command that needs it', async () => {
    await using fixture = await project();
    const installed = async (command: string) => /^npm ci.*/m.exec((await fixture.run(command)).text)?.[0];
    expect(await installed('start')).toMatch(/--omit=dev .*--workspace=@unity-purchase\/storefront /);
    expect(await installed('start')).toBeUndefined();
    expect(await installed('setup')).toBe('npm ci');
    expect(await installed('start')).toBeUndefined();
    await fixture.write('package-lock.json', '{"changed":true}');
    expect(await installed('start')).toBe('npm ci');
  });

  test('does not run the command when the installation fails, and installs again next time', async () => {
    await using fixture = await project();
    await fixture.write('bin/npm', '#!/bin/sh\necho "npm $*"\nexit 3\n', 0o755);
    for (const _time of ['first', 'second']) {
      const { code, text } = await fixture.run('setup');
      expect(code).toBe(3);
      expect(text).toContain('npm ci');
      expect(text).not.toContain('ran ');
    }
  });

  test('passes the arguments on and exits with the code of the command', async () => {
    await using fixture = await project();
    const { code, text } = await fixture.run('start', '--broker', 'kafka');
    expect(code).toBe(7);
    expect(text).toMatch(/ran .*tools\/cli\/commands\/start\.ts --broker kafka\n/);
  });

  test('passes SIGTERM on and exits after the command, with its code', async () => {
    await using fixture = await project();
    const { child, output, ended } = fixture.start('test:unit', '--wait');
    await waitUntil(() => output.text.includes('ran ') || 'the command did not run', 10_000);
    child.kill('SIGTERM');
    expect((await ended).code).toBe(5);
  });

  test('runs the files of a command one after the other until one fails', async () => {
    await using fixture = await project();
    await fixture.write('node_modules/eslint/bin/eslint.js', "console.log('lint', process.argv[2]);");
    await fixture.write('node_modules/prettier/bin/prettier.cjs', "console.log('format'); process.exit(3);");
    expect(await fixture.run('fix')).toMatchObject({
      code: 3,
      text: expect.stringMatching(/lint \.\nformat\n$/),
    });
    await fixture.write('node_modules/eslint/bin/eslint.js', 'process.exit(2);');
    expect(await fixture.run('fix')).toMatchObject({ code: 2, text: expect.not.stringContaining('format') });
  });

  test('lists the commands when it is given an unknown one', async () => {
    await using fixture = await project();
    const { code, text } = await fixture.run('strat');
    expect(code).toBe(64);
    expect(text).toMatch(/There is no command "strat"[^]* start +\S[^]* test +\S/);
  });

  test('shows the help of a command for an unknown option, before it installs anything', async () => {
    await using fixture = await project();
    const { code, text } = await fixture.run('start', '--brokr', 'pigeon');
    expect(code).toBe(64);
    expect(text).toMatch(/'--brokr'[^]*Usage: npm run start[^]* --broker NAME .*: pigeon\n/);
    expect(text).not.toContain('npm ci');
  });

  test('shows the help on request, before it installs anything', async () => {
    await using fixture = await project();
    expect(await fixture.run('help')).toMatchObject({
      code: 0,
      text: expect.stringContaining('  test:k8s '),
    });
    const { code, text } = await fixture.run('test', '--help');
    expect(code).toBe(0);
    expect(text).toMatch(/^Run the unit tests[^]*ARGUMENTS FOR JEST/);
  });
});
