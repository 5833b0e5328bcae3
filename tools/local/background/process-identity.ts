import { readFile } from 'node:fs/promises';
import { runProgram } from '../../programs/run-program.js';

/**
 * What tells a process from a later one with the same number: when it started. Undefined when there is none, or only what
 * is left of one that nobody has waited for.
 */
export async function processIdentity(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (stat === undefined) return process.platform === 'linux' ? undefined : askPs(pid);
  // The name, in parentheses, may contain anything; the state is the first field behind it, the start time the 20th.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' ? undefined : fields[19];
}

async function askPs(pid: number): Promise<string | undefined> {
  const answer = await runProgram('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
    env: { ...process.env, LC_ALL: 'C' },
  }).catch(() => '');
  const [state = 'Z', ...startedAt] = answer.trim().split(/\s+/);
  return state.startsWith('Z') || startedAt.length === 0 ? undefined : startedAt.join(' ');
}
