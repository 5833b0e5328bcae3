import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { format } from 'prettier';
import { projectRoot } from '@unity-purchase/tools';
import { readOutcome, type PairOutcome } from './outcome.js';
import { differencesOf, portabilityDocument, portabilitySchema } from './portability-table.js';
import { parsePair } from './promises.js';

/**
 * The last step of a matrix run: `--write` writes docs/portability.md and portability.json from the results of all pairs,
 * `--update` replaces the results of some pairs, and `--check` compares results with the page.
 */
const flag = { type: 'boolean', default: false } as const;
const { values, positionals } = parseArgs({
  options: { write: flag, update: flag, check: flag },
  allowPositionals: true,
});
const record = join(projectRoot, 'docs/portability.json');
const document = join(projectRoot, 'docs/portability.md');
const outcomes = await Promise.all(positionals.map((pair) => readOutcome(parsePair(pair))));

if (values.write) {
  await write(outcomes);
} else {
  const documented = portabilitySchema.parse(JSON.parse(await readFile(record, 'utf8')));
  const seenOf = (pair: string) => outcomes.find((outcome) => outcome.pair === pair);
  if (values.update) await write(documented.map((outcome) => seenOf(outcome.pair) ?? outcome));
  else compare(documented);
}

async function write(all: readonly PairOutcome[]): Promise<void> {
  await writeFile(record, await format(JSON.stringify(all), { parser: 'json', printWidth: 110 }));
  await writeFile(document, await format(portabilityDocument(all), { parser: 'markdown' }));
  process.stdout.write(`${document} was written.\n`);
}

function compare(documented: readonly PairOutcome[]): void {
  for (const outcome of outcomes) {
    const before = documented.find(({ pair }) => pair === outcome.pair);
    const differences = before === undefined ? ['it is not documented'] : differencesOf(before, outcome);
    for (const difference of differences) {
      process.stderr.write(`docs/portability.md does not match ${outcome.pair}: ${difference}\n`);
      process.exitCode = 1;
    }
  }
  if (process.exitCode === undefined) process.stdout.write('docs/portability.md matches the results.\n');
}
