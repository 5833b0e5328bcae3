import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { errorCode } from '../programs/error-text.js';

/** Only the owner may read and write the file. */
const ownerOnly = 0o600;

const secretsSchema = z.looseObject({ session: z.string().min(32) });

/**
 * Makes sure that the file of local secrets exists and only its owner can read it. A new file has a `session` secret of 256
 * bits. An existing file keeps its content, so that sessions survive a restart. Rejects when an existing file has no valid
 * `session`, because someone may have written it by hand.
 */
export async function ensureSecrets(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const fresh = JSON.stringify({ session: randomBytes(32).toString('hex') }, undefined, 2);
  try {
    // `wx` fails if the file exists. Of two processes that start together, one writes and the other reads.
    await writeFile(path, `${fresh}\n`, { mode: ownerOnly, flag: 'wx' });
    return;
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
  await chmod(path, ownerOnly);
  const known = secretsSchema.safeParse(readJson(path, await readFile(path, 'utf8')));
  if (!known.success)
    throw new Error(`${path} has no "session" of at least 32 characters; delete the file to get a new one`);
}

function readJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${path} is not JSON; delete it to get a new one`, { cause: error });
  }
}
