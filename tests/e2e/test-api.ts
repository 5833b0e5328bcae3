import { parseArgs } from 'node:util';
import {
  errorText,
  exitCodes,
  exitingOnInterrupts,
  obtainSchemathesis,
  runInForeground,
  type PythonProgram,
} from '@unity-purchase/tools';
import { signIn } from '../system/shopper-client.js';
import { startTestSystem } from '../system/test-system.js';

/**
 * Tests both APIs against their OpenAPI documents with Schemathesis. Two of its checks do not apply: a request with two
 * credentials is accepted when either is valid, and a cursor that fits the schema need not come from a page.
 */
const leftOut = 'ignored_auth,positive_data_acceptance';

const tokens = { OPERATOR_TOKEN: 'of-who-tries-the-api', APP_API_TOKEN: 'of-the-sidecar-meanwhile' };

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  let effort: { seed: string; examples: string };
  try {
    effort = readEffort(args);
  } catch (error) {
    console.error(
      `${errorText(error)}\nnpm run test:api -- [--seed N (1)] [--examples N for each operation (30)]`,
    );
    return exitCodes.usageError;
  }
  let program: PythonProgram;
  try {
    program = await exitingOnInterrupts(() => obtainSchemathesis());
  } catch (error) {
    console.error(`NOT TRIED, the APIs are as untested as before. ${errorText(error)}`);
    return exitCodes.unavailable;
  }
  await using shop = await startTestSystem({
    env: { apps: tokens, sidecars: { APP_API_TOKEN: tokens.APP_API_TOKEN } },
  });
  const { cookie } = await signIn(shop.storefront);
  const tries: [url: string, header: string][] = [
    [shop.storefront, `Cookie: ${cookie}`],
    [shop.purchaseService, `Authorization: Bearer ${tokens.OPERATOR_TOKEN}`],
  ];
  const codes: number[] = [];
  for (const [url, header] of tries)
    codes.push(await tryApi(program, { url, header, folder: shop.dataDir, ...effort }));
  return Math.max(...codes);
}

type Try = { url: string; header: string; folder: string; seed: string; examples: string };

function tryApi(
  { command, args, env }: PythonProgram,
  { url, header, folder, seed, examples }: Try,
): Promise<number> {
  const flags = ['--header', header, '--seed', seed, '--max-examples', examples];
  const quiet = ['--generation-database', 'none', '--exclude-checks', leftOut, '--no-color'];
  return runInForeground(command, [...args, 'run', `${url}/openapi.json`, ...flags, ...quiet], {
    // Schemathesis leaves files behind.
    cwd: folder,
    env,
  });
}

function readEffort(args: readonly string[]): { seed: string; examples: string } {
  const option = (initial: string) => ({ type: 'string', default: initial }) as const;
  const { values } = parseArgs({ args: [...args], options: { seed: option('1'), examples: option('30') } });
  for (const [name, value] of Object.entries(values))
    if (!/^[1-9]\d{0,8}$/.test(value)) throw new Error(`--${name} ${value} is no number.`);
  return values;
}
