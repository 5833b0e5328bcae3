import {
  errorText,
  exitCodes,
  exitingOnInterrupts,
  obtainSchemathesis,
  readArguments,
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
  let effort: Effort;
  try {
    effort = readEffort(args);
  } catch (error) {
    console.error(errorText(error));
    return exitCodes.usageError;
  }
  let program: PythonProgram;
  try {
    program = await exitingOnInterrupts(() => obtainSchemathesis());
  } catch (error) {
    console.error(`NOT RUN: the APIs were not tested. ${errorText(error)}`);
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

/** The seed and the number of requests for each operation. */
type Effort = { seed: string; examples: string };

type Try = Effort & { url: string; header: string; folder: string };

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

/** @throws Error for a value that is not a positive whole number */
function readEffort(args: readonly string[]): Effort {
  const { values } = readArguments('test:api', args);
  for (const [name, value] of Object.entries(values))
    if (!/^[1-9]\d{0,8}$/.test(value)) throw new Error(`--${name} ${value} is not a positive whole number.`);
  return values;
}
