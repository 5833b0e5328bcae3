import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { eventContractVersion } from '../purchase-placed.js';
import { samples } from './samples.js';
import { readerOf, wireSchemas } from './wire-schemas.js';

/**
 * Writes down what crosses wires in the version that the project has now, for every later version to be compared with. What
 * a release has promised is never changed: a folder that is there stays.
 */
const project = JSON.parse(readFileSync(new URL('../../../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
const folder = new URL(`../../releases/${project.version}/`, import.meta.url);

if (existsSync(folder)) {
  process.stderr.write(
    `packages/contracts/releases/${project.version} is there already: raise the version first.\n`,
  );
  process.exitCode = 1;
} else {
  mkdirSync(folder, { recursive: true });
  const schemas = Object.fromEntries(
    Object.entries(wireSchemas).map(([name, schema]) => [name, readerOf(schema)]),
  );
  for (const [name, content] of Object.entries({
    contract: { events: eventContractVersion },
    schemas,
    samples,
  }))
    writeFileSync(new URL(`${name}.json`, folder), `${JSON.stringify(content, undefined, 2)}\n`);
  process.stdout.write(`packages/contracts/releases/${project.version} is written.\n`);
}
