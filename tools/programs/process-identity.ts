import { readFile } from 'node:fs/promises';
import { runProgram } from './run-program.js';

/** Returns when a process started, or undefined if it does not run or has ended without being waited for (a zombie). */
export async function processIdentity(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (stat === undefined) return process.platform === 'linux' ? undefined : identityFromPs(pid);
  // The name is in parentheses and may contain any character. The state is the first field after it, the start time the 20th.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' ? undefined : fields[19];
}

async function identityFromPs(pid: number): Promise<string | undefined> {
  const answer = await runProgram('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
    env: { ...process.env, LC_ALL: 'C' },
  }).catch(() => '');
  const [state = 'Z', ...startedAt] = answer.trim().split(/\s+/);
  return state.startsWith('Z') || startedAt.length === 0 ? undefined : startedAt.join(' ');
}
