import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { errorCode } from '../programs/error-text.js';

/** Read and written by nobody but the owner. */
const ownerOnly = 0o600;

const secretsSchema = z.looseObject({ session: z.string().min(32) });

/**
 * Makes sure that the file of local secrets is there, for its owner only, with a `session` secret of 256 bits in it. What
 * is there stays, so that sessions outlive a restart. Rejects when the file is there but of no use, rather than replacing
 * what somebody wrote.
 */
export async function ensureSecrets(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const fresh = JSON.stringify({ session: randomBytes(32).toString('hex') }, undefined, 2);
  try {
    // `wx` fails if the file exists: of two that start at once, one writes and the other reads.
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
