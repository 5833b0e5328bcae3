import { join } from 'node:path';
import { matrixPairs } from '../../local/pairs.js';
import { projectRoot } from '../../project-root.js';
import { exitingOnInterrupts } from '../interrupts.js';
import { readArguments, UsageError } from '../read-arguments.js';
import { obtainFor } from '../requirements.js';
import { runCommand } from '../run-command.js';
import { runJest } from '../run-jest.js';
import { runScript } from '../run-script.js';
import { totalling } from '../test-totals.js';

/** Writes docs/portability.md from what the tests found, or compares the two. */
const portabilityDocument = 'tests/conformance/portability-document.ts';

/** A higher exit code is 128 plus the number of a signal: the run was interrupted. */
const endedBySignal = 128;

process.exitCode = await runCommand('test:matrix', async () => {
  const known = await matrixPairs(projectRoot);
  const { pairs, isLong, withDocument } = readRequest(process.argv.slice(2), known);
  console.log(`Pairs: ${pairs.join(', ')}${notRun(known, pairs)}`);
  return totalling(async (reports) => {
    const codes: number[] = [];
    for (const pair of pairs) {
      const code = await runPair(pair, isLong, join(reports, `${pair}.json`));
      if (code >= endedBySignal) return code;
      codes.push(code);
    }
    const documentCode = await runScript(portabilityDocument, [`--${withDocument}`, ...pairs]);
    return Math.max(documentCode, ...codes);
  });
});

/** The pairs to run, with the long promises or without, and what to do with docs/portability.md: write it, replace some lines, or compare. */
type MatrixRequest = { pairs: string[]; isLong: boolean; withDocument: 'write' | 'update' | 'check' };

/** By default a run of all pairs writes the document, and a run of some compares. @throws UsageError for an unknown pair */
function readRequest(args: readonly string[], known: string[]): MatrixRequest {
  const { values, positionals } = readArguments('test:matrix', args);
  const unknown = positionals.filter((pair) => !known.includes(pair));
  if (unknown.length > 0)
    throw new UsageError(`There is no pair ${unknown.join(', ')}. Choose from: ${known.join(', ')}.`);
  const pairs = positionals.length === 0 ? known : [...new Set(positionals)];
  const isLong = values.long === true;
  if (values.update === true) return { pairs, isLong, withDocument: 'update' };
  return {
    pairs,
    isLong,
    withDocument: values.check !== true && pairs.length === known.length ? 'write' : 'check',
  };
}

async function runPair(pair: string, isLong: boolean, report: string): Promise<number> {
  const [broker = '', store = ''] = pair.split('+');
  await exitingOnInterrupts(() => obtainFor({ broker, store }));
  return runJest({
    projects: ['conformance'],
    report,
    env: { CONFORMANCE_PAIR: pair, CONFORMANCE_LONG: String(isLong) },
    flags: ['--runInBand'],
  });
}

function notRun(known: readonly string[], pairs: readonly string[]): string {
  const others = known.filter((pair) => !pairs.includes(pair));
  return others.length === 0 ? '' : ` (not run: ${others.join(', ')})`;
}
