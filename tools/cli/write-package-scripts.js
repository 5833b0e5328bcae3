/** Writes the scripts of package.json from command-table.js. Run it after a change of the table; a test compares the two. */
import { readFileSync, writeFileSync } from 'node:fs';
import { packageScripts } from './command-table.js';

const file = new URL('../../package.json', import.meta.url);
const description = JSON.parse(readFileSync(file, 'utf8'));
writeFileSync(file, `${JSON.stringify({ ...description, scripts: packageScripts() }, undefined, 2)}\n`);
