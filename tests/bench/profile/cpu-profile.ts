import type { Profiler } from 'node:inspector';
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { waitUntil } from '@unity-purchase/tools';
import { profileFileOf } from './profile-files.js';

/** A CPU profile in the format of V8, which Chrome and VS Code open. */
export type CpuProfile = Profiler.Profile;

const writtenWithinMs = 30_000;

/** Takes the CPU profile of a process that has `record-on-signal.ts` loaded, during some work. */
export async function takeProfile<Result>(
  { pid, folder }: { pid: number; folder: string },
  work: () => Promise<Result>,
): Promise<{ profile: CpuProfile; result: Result }> {
  process.kill(pid, 'SIGURG');
  const result = await work();
  process.kill(pid, 'SIGURG');
  const file = join(folder, profileFileOf(pid));
  await waitUntil(() => existsSync(file) || `${file} is not written`, writtenWithinMs);
  const profile = JSON.parse(await readFile(file, 'utf8')) as CpuProfile;
  await rm(file);
  return { profile, result };
}
