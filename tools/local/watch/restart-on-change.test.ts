import { describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { temporaryFolder } from '../../testing/temporary-folder.js';
import { waitUntil } from '../wait-until.js';

const withinMs = 20_000;

/** An app that prints one line and runs until SIGTERM, when it exits with 5. */
const appThatPrints = (line: string) => `
  process.on('SIGTERM', () => process.exit(5));
  console.log(${JSON.stringify(line)});
  setInterval(() => undefined, 60_000);`;

async function watchedApp() {
  const folder = await temporaryFolder();
  const script = await folder.write('src/app.mjs', appThatPrints('first version'));
  const restarter = join(import.meta.dirname, 'restart-on-change.js');
  const child = spawn(process.execPath, [restarter, join(folder.path, 'src'), '--', script]);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const exited = once(child, 'exit');
  return {
    child,
    exited,
    save: (content: string) => folder.write('src/app.mjs', content),
    prints: (text: string) => waitUntil(() => output.includes(text) || output, withinMs),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM');
      await exited;
      await folder[Symbol.asyncDispose]();
    },
  };
}

describe('an app that restarts on change', () => {
  test('runs its new version after a save', async () => {
    await using app = await watchedApp();
    await app.prints('first version');
    await app.save(appThatPrints('second version'));
    await app.prints('second version');
  });

  test('starts again with the next save after it has failed', async () => {
    await using app = await watchedApp();
    await app.prints('first version');
    await app.save('const broken: = 1;');
    await app.prints('exited with 1');
    await app.save(appThatPrints('repaired version'));
    await app.prints('repaired version');
  });

  test('exits after the app on SIGTERM, with its code', async () => {
    await using app = await watchedApp();
    await app.prints('first version');
    app.child.kill('SIGTERM');
    expect(await app.exited).toEqual([5, null]);
  });
});
