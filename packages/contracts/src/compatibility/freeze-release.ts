import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { eventContractVersion } from '../purchase-placed.js';
import { samples } from './samples.js';
import { readerOf, wireSchemas } from './wire-schemas.js';

/**
 * `npm run contracts:freeze`: writes the wire formats of the project's current version, for later versions to be compared with.
 * The formats of a release never change, so an existing folder is left alone.
 */
const project = JSON.parse(readFileSync(new URL('../../../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
const folder = new URL(`../../releases/${project.version}/`, import.meta.url);

if (existsSync(folder)) {
  process.stderr.write(
    `packages/contracts/releases/${project.version} already exists: raise the version first.\n`,
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
  process.stdout.write(`packages/contracts/releases/${project.version} was written.\n`);
}
