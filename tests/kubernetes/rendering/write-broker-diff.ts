import { writeFile } from 'node:fs/promises';
import { brokerDiff, brokerDiffFile } from './broker-diff.js';

await writeFile(brokerDiffFile, await brokerDiff());
