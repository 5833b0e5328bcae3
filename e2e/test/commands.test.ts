import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { servers, waitUntil } from '@unity-purchase/tools';
import { commandsOf, daprCliCommands, wordsOf } from '../src/document-commands.js';
import { run, runFilePorts, waitUntilFree } from '../src/run-command.js';
import { signIn } from '../src/shopper-client.js';
import { projectRoot, startTestSystem } from '../src/test-system.js';

const readProjectFile = (path: string) => readFile(join(projectRoot, path), 'utf8');

/** Where what `npm start` starts along listens. */
const serverPorts = [servers.nats, servers.kafka, servers.mongodb].flatMap(
  ({ defaultPorts }) => defaultPorts,
);

/** Every way to start that the README tells. */
const startCommands = (await commandsOf('README.md')).filter((command) => command.startsWith('npm start'));

describe('npm start', () => {
  test('is told in the README for the pair to begin with and for the main one', () => {
    expect(startCommands).toEqual(['npm start', 'npm start -- --broker kafka --store mongodb']);
  });

  test.each(startCommands)(
    'as "%s" opens the shop where the run file says, records, and Ctrl-C closes it with nothing left',
    async (command) => {
      const [program, ...args] = wordsOf(command);
      await using start = run(program, args);
      await waitUntil(
        () => start.output().includes('The shop is open') || start.child.exitCode !== null || start.output(),
        90_000,
      );
      const address = /The shop is open: (http:\S+)/.exec(start.output())?.[1] ?? '';
      expect(start.output()).toContain('The shop is open: http://localhost:8080');
      const ada = await signIn(address);
      await ada.buy({ sku: 'mug' });
      await ada.waitForRecords(1);

      start.interrupt();
      await start.exited;
      await waitUntilFree([...(await runFilePorts()), ...serverPorts], 60_000);
    },
    180_000,
  );

  test('with a broker that there is no folder for says which there are', async () => {
    const start = run('npm', ['start', '--', '--broker', 'pigeons']);
    expect(await start.exited).not.toBe(0);
    expect(start.output()).toContain('jetstream');
  }, 60_000);
});

describe.each(['storefront', 'purchase-service'])('%s', (service) => {
  const main = ['--import', 'tsx', '--conditions=@unity-purchase/source', 'src/main.ts'];

  test('with a wrong configuration names every wrong variable and exits with 78', async () => {
    const env = { PATH: process.env['PATH'], PORT: 'x', LOG_LEVEL: 'loud', SHUTDOWN_DELAY_MS: '-1' };
    const start = run('node', main, { cwd: join(projectRoot, service), env });
    expect(await start.exited).toBe(78);
    for (const variable of ['PORT', 'LOG_LEVEL', 'SHUTDOWN_DELAY_MS', 'DAPR_HTTP_PORT'])
      expect(start.output()).toContain(`${variable}: `);
  }, 60_000);

  test('without a sidecar gives up, says why and exits with 1', async () => {
    const env = { PATH: process.env['PATH'], PORT: '1', DAPR_HTTP_PORT: '2', SIDECAR_WAIT_MS: '500' };
    const start = run('node', main, { cwd: join(projectRoot, service), env });
    expect(await start.exited).toBe(1);
    expect(start.output()).toContain('no sidecar was ready on port 2');
  }, 90_000);
});

test("the README's calls of the API work as they stand", async () => {
  await using shop = await startTestSystem();
  const folder = await mkdtemp(join(tmpdir(), 'readme-'));
  const calls = (await commandsOf('README.md')).filter((command) => command.startsWith('curl '));
  expect(calls).toHaveLength(3);
  const answers: string[] = [];
  for (const call of calls) {
    const here = call.replaceAll('http://localhost:8080', shop.storefront);
    const answer = run('sh', ['-c', `${here} --silent --show-error --fail`], { cwd: folder });
    expect([here, await answer.exited, answer.output()]).toEqual([here, 0, expect.anything()]);
    answers.push(answer.output());
  }
  await rm(folder, { recursive: true });
  expect(answers[1]).toContain('"status":"accepted"');
  expect(answers[2]).toContain('"totals":');
}, 60_000);

describe('the documents', () => {
  /** Run above. */
  const isRanHere = (command: string) => command.startsWith('npm start') || command.startsWith('curl ');
  /** Run in dead-letters.test.ts and shoppers.test.ts, which ask purchase-services of their own. */
  const ofOperators = ['npm run dead-letters -- list', 'npm run shoppers -- erase ada --export ada.ndjson'];
  /** Run in dapr-cli.test.ts. */
  const ranByDaprCli: readonly string[] = Object.values(daprCliCommands);

  test.each(['README.md', 'CONTRIBUTING.md'])('%s names no command that nothing runs', async (document) => {
    const commands = await commandsOf(document);
    expect(commands.length).toBeGreaterThan(0);
    const ci = await readProjectFile('.ci/run');
    const { scripts } = JSON.parse(await readProjectFile('package.json')) as {
      scripts: Record<string, string>;
    };
    // `npm test` runs its parts one after the other: the very same command with a flag less.
    const isPartOfTest = (command: string) =>
      scripts[command.replace('npm run ', '')]?.startsWith(`${String(scripts['test'])} --`);
    const ranNowhere = commands.filter(
      (command) =>
        !isRanHere(command) &&
        !ofOperators.includes(command) &&
        !ranByDaprCli.includes(command) &&
        !ci.includes(command) &&
        isPartOfTest(command) !== true,
    );
    expect(ranNowhere).toEqual([]);
  });

  test.each(['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md'])(
    '%s links only to what is there',
    async (document) => {
      const text = await readProjectFile(document);
      const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, link = '']) => link);
      expect(links.length).toBeGreaterThan(0);
      expect(links.filter((link) => !existsSync(join(projectRoot, link)))).toEqual([]);
    },
  );
});
