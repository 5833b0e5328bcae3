import { execFileSync } from 'node:child_process';

/** Whether a process runs. It asks ps, because signal 0 also reaches zombies. */
export function processExists(pid: number): boolean {
  try {
    const state = execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
    return !state.trim().startsWith('Z');
  } catch {
    // ps exits with code 1 when the process does not exist.
    return false;
  }
}
