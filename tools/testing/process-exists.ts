import { execFileSync } from 'node:child_process';

/** Whether a process runs. Asks ps, because signal 0 reaches zombies, too. */
export function processExists(pid: number): boolean {
  try {
    const state = execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
    return !state.trim().startsWith('Z');
  } catch {
    // ps ends with code 1 when there is no such process.
    return false;
  }
}
