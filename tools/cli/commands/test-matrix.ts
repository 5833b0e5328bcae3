import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { errorText } from '../../programs/error-text.js';
import { matrixPairs } from '../../local/pairs.js';
import { projectRoot } from '../../project-root.js';
import { exitCodes } from '../exit-codes.js';
import { exitingOnInterrupts } from '../interrupts.js';
import { obtainFor } from '../obtain-for.js';
import { runJest } from '../run-jest.js';
import { runScript } from '../run-script.js';
import { totalling } from '../test-totals.js';

/** What makes the record of what the tests found. */
const portabilityDocument = 'tests/conformance/portability-document.ts';

/** From here on an exit code is 128 and the number of a signal: somebody wants an end. */
const endedBySignal = 128;

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const known = await matrixPairs(projectRoot);
  let asked: Asked;
  try {
    asked = readFlags(args, known);
  } catch (error) {
    console.error(errorText(error));
    return exitCodes.usageError;
  }
  const { pairs, withRecord } = asked;
  console.log(`Pairs: ${pairs.join(', ')}${leftOut(known, pairs)}`);
  return totalling(async (reports) => {
    const codes: number[] = [];
    for (const pair of pairs) {
      const code = await runPair(pair, join(reports, `${pair}.json`));
      if (code >= endedBySignal) return code;
      codes.push(code);
    }
    const table = await runScript(portabilityDocument, [`--${withRecord}`, ...pairs]);
    return Math.max(table, ...codes);
  });
}

/** What to try, and what to do with the record: make a new one, replace some of it, or compare with it. */
type Asked = { pairs: string[]; withRecord: 'write' | 'update' | 'check' };

/** Throws for a flag or a pair that does not exist. A run of all pairs writes the record, one of some compares. */
function readFlags(args: readonly string[], known: string[]): Asked {
  const flag = { type: 'boolean', default: false } as const;
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { check: flag, update: flag },
    allowPositionals: true,
  });
  const unknown = positionals.filter((pair) => !known.includes(pair));
  if (unknown.length > 0)
    throw new Error(`There is no pair ${unknown.join(', ')}. Choose one of: ${known.join(', ')}.`);
  const pairs = positionals.length === 0 ? known : [...new Set(positionals)];
  if (values.check || values.update) return { pairs, withRecord: values.update ? 'update' : 'check' };
  return { pairs, withRecord: pairs.length === known.length ? 'write' : 'check' };
}

async function runPair(pair: string, report: string): Promise<number> {
  const [broker = '', store = ''] = pair.split('+');
  await exitingOnInterrupts(() => obtainFor({ broker, store }));
  return runJest({
    projects: ['conformance'],
    report,
    env: { CONFORMANCE_PAIR: pair },
    flags: ['--runInBand'],
  });
}

function leftOut(known: readonly string[], pairs: readonly string[]): string {
  const others = known.filter((pair) => !pairs.includes(pair));
  return others.length === 0 ? '' : ` (not run: ${others.join(', ')})`;
}
