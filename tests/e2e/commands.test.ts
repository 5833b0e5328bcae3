import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { appIds } from '@unity-purchase/contracts';
import { brokers, projectRoot, stores, waitUntil } from '@unity-purchase/tools';
import { commandsOf, wordsOf } from '../documents/document-commands.js';
import { readPages } from '../documents/pages.js';
import { isTyped, startCommands } from '../documents/who-runs.js';
import { run, runFilePorts, terminalEnv, waitUntilFree } from '../system/run-command.js';
import { signIn } from '../system/shopper-client.js';
import { startTestSystem } from '../system/test-system.js';

/** The ports of the servers that `npm start` starts. */
const serverPorts = [
  brokers.jetstream.server,
  brokers.kafka.server,
  stores.mongodb.server,
  stores.postgresql.server,
].flatMap(({ defaultPorts }) => defaultPorts);

/** Every documented command that starts the system. */
const documented = await Promise.all(startCommands.map(commandsByPage));
const typedCommands = [...new Set(documented.flatMap((byPage) => [...byPage.values()].flat()))];

describe('npm start', () => {
  test('is in the README for the embedded pair and for Kafka and MongoDB', async () => {
    expect(await commandsOf('README.md')).toEqual([
      'npm start',
      'npm start -- --broker kafka --store mongodb',
    ]);
  });

  test.each(typedCommands)(
    'as "%s" opens the shop and the desk, records a purchase and stops completely on Ctrl-C',
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
      const token = /\(token: (\S+)\)/.exec(start.output())?.[1] ?? '';
      expect(await signInAtDesk(address, token)).toBe(303);
      expect(await signInAtDesk(address, 'another-token-of-the-same-length')).not.toBe(303);

      start.interrupt();
      await start.exited;
      await waitUntilFree([...(await runFilePorts()), ...serverPorts], 60_000);
    },
    180_000,
  );

  test('lists the available brokers when it is given an unknown one', async () => {
    const start = run('npm', ['start', '--', '--broker', 'pigeons']);
    expect(await start.exited).not.toBe(0);
    expect(start.output()).toContain('jetstream');
  }, 60_000);
});

describe.each(['storefront', 'purchase-service'])('%s', (service) => {
  const main = ['--import', 'tsx', '--conditions=@unity-purchase/source', 'src/main.ts'];

  test('names every invalid variable and exits with 78 when its configuration is wrong', async () => {
    const env = { PATH: process.env['PATH'], PORT: 'x', LOG_LEVEL: 'loud', SHUTDOWN_DELAY_MS: '-1' };
    const start = run('node', main, { cwd: join(projectRoot, service), env });
    expect(await start.exited).toBe(78);
    for (const variable of ['PORT', 'LOG_LEVEL', 'SHUTDOWN_DELAY_MS', 'DAPR_HTTP_PORT'])
      expect(start.output()).toContain(`${variable}: `);
  }, 60_000);

  test('says why and exits with 1 when no sidecar answers', async () => {
    const env = { PATH: process.env['PATH'], PORT: '1', DAPR_HTTP_PORT: '2', SIDECAR_WAIT_MS: '500' };
    const start = run('node', main, { cwd: join(projectRoot, service), env });
    expect(await start.exited).toBe(1);
    expect(start.output()).toContain('no sidecar was ready on port 2');
  }, 90_000);
});

/** The operator token, and the sidecar token it requires. */
const tokens = { OPERATOR_TOKEN: 'what-operators-say', APP_API_TOKEN: 'what-the-sidecar-says' };

test('every API call in the documentation works as written', async () => {
  const { APP_API_TOKEN } = tokens;
  await using shop = await startTestSystem({ env: { apps: tokens, sidecars: { APP_API_TOKEN } } });
  const { system, storefront, purchaseService } = shop;
  const sidecar = `http://127.0.0.1:${system.ports(appIds.purchaseService).daprHttp}`;
  const here = new Map([
    ['http://localhost:8080', storefront],
    ['http://localhost:8000', purchaseService],
    ['http://localhost:3501', sidecar],
  ]);
  for (const [page, calls] of await commandsByPage('curl ')) {
    await using folder = await temporaryFolder();
    for (const call of calls) {
      const there = [...here].reduce((text, [from, to]) => text.replaceAll(from, to), call);
      const env = { ...terminalEnv(), ...tokens };
      const answer = run('sh', ['-c', `${there} --silent --show-error --fail`], { cwd: folder.path, env });
      expect([page, call, await answer.exited, answer.output()]).toEqual([page, call, 0, expect.anything()]);
      for (const [sign, expected] of Object.entries(answers))
        if (call.includes(sign))
          expect([call, answer.output()]).toEqual([call, expect.stringContaining(expected)]);
    }
  }
}, 90_000);

/** Expected parts of the answer, by a part of the call. */
const answers = {
  '"lines"': '"status":"accepted"',
  "cookie session 'http://localhost:8080/api/purchases?": '"totals":',
  ':8000/api/purchases?': '"purchases":',
  '/api/audit': '"list-purchases"',
  '/api/activity': '"samples":',
  '/health': '"status":"up"',
  ':8000/metrics': 'purchases_recorded_total',
  '/v1.0/metadata': '"purchase-events"',
};

/** The documented commands with this prefix, by page. */
async function commandsByPage(beginning: string): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  for (const { path } of await readPages()) {
    const commands = (await commandsOf(path)).filter(
      (command) => isTyped(command) && command.startsWith(beginning),
    );
    if (commands.length > 0) found.set(path, commands);
  }
  return found;
}

/** Posts the form of the operators' sign-in page and resolves to the status: 303 when the token is right. */
async function signInAtDesk(shop: string, token: string): Promise<number> {
  const response = await fetch(new URL('/operators/sign-in', shop), {
    method: 'POST',
    headers: { 'sec-fetch-site': 'same-origin' },
    body: new URLSearchParams({ token }),
    redirect: 'manual',
  });
  return response.status;
}

async function temporaryFolder() {
  const path = await mkdtemp(join(tmpdir(), 'pages-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}
