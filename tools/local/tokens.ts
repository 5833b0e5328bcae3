import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { errorCode, errorText } from '../programs/error-text.js';

const tokensSchema = z.object({ operator: z.string().min(16), sidecar: z.string().min(16) });

/** The tokens of a system on this machine: what operators present, and what a sidecar presents to its service. */
export type LocalTokens = z.infer<typeof tokensSchema>;

/** Where the tokens are kept. Outside the secrets file, so that no sidecar can read them. */
const fileIn = (dataDir: string): string => join(dataDir, 'tokens.json');

/**
 * Returns the tokens of a data folder and creates them the first time, in a file that only its owner can read. Rejects when
 * the file has other content.
 */
export async function ensureTokens(dataDir: string): Promise<LocalTokens> {
  await mkdir(dataDir, { recursive: true });
  const fresh: LocalTokens = { operator: newToken(), sidecar: newToken() };
  try {
    // `wx` fails if the file exists: of two commands that start together, one writes and the other reads.
    await writeFile(fileIn(dataDir), `${JSON.stringify(fresh, undefined, 2)}\n`, { mode: 0o600, flag: 'wx' });
    return fresh;
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
  return readTokens(dataDir);
}

/** Returns the operator token of a data folder, or undefined when no system was started there. */
export async function findOperatorToken(dataDir: string): Promise<string | undefined> {
  try {
    return (await readTokens(dataDir)).operator;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function readTokens(dataDir: string): Promise<LocalTokens> {
  const file = fileIn(dataDir);
  const text = await readFile(file, 'utf8');
  try {
    return tokensSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new Error(`${file} is not valid. Delete it to get new tokens. ${errorText(cause)}`, { cause });
  }
}

function newToken(): string {
  return randomBytes(24).toString('base64url');
}
