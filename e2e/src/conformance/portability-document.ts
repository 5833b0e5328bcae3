import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { format } from 'prettier';
import { projectRoot } from '../test-system.js';
import { readOutcome } from './outcome.js';
import { differencesOf, portabilityDocument, portabilitySchema } from './portability-table.js';
import { parsePair } from './promises.js';

/**
 * Ends a run of the matrix: `--write` makes docs/portability.md and the record behind it from what was seen of all pairs,
 * `--check` compares what was seen of some with the record.
 */
const { values, positionals } = parseArgs({
  options: { write: { type: 'boolean', default: false }, check: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const record = join(projectRoot, 'docs/portability.json');
const document = join(projectRoot, 'docs/portability.md');
const outcomes = await Promise.all(positionals.map((pair) => readOutcome(parsePair(pair))));

if (values.write) {
  await writeFile(record, await format(JSON.stringify(outcomes), { parser: 'json', printWidth: 110 }));
  await writeFile(document, await format(portabilityDocument(outcomes), { parser: 'markdown' }));
  process.stdout.write(`${document} was written.\n`);
} else {
  const documented = portabilitySchema.parse(JSON.parse(await readFile(record, 'utf8')));
  for (const outcome of outcomes) {
    const before = documented.find(({ pair }) => pair === outcome.pair);
    const differences = before === undefined ? ['it is not documented'] : differencesOf(before, outcome);
    for (const difference of differences) {
      process.stderr.write(`docs/portability.md does not match ${outcome.pair}: ${difference}\n`);
      process.exitCode = 1;
    }
  }
  if (process.exitCode === undefined) process.stdout.write('docs/portability.md says what was seen.\n');
}
