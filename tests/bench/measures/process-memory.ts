import { readFile } from 'node:fs/promises';

/** The resident memory of a process, now (`VmRSS`) or at most (`VmHWM`): see proc_pid_status(5). */
export async function memoryMiB(pid: number | undefined, field: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8');
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? Number.NaN) / 1_024;
}
