import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Whether a process is stopped by SIGSTOP. Also false for a process that has ended. */
export async function isStopped(pid: number): Promise<boolean> {
  const { stdout } = await run('ps', ['-o', 'state=', '-p', String(pid)]).catch(() => ({ stdout: '' }));
  return stdout.trim().startsWith('T');
}
