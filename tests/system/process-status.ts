import { readFile } from 'node:fs/promises';

/** A process's state (`R`, `S`, `T` for stopped, `Z` for a zombie; undefined when it is gone) and its parent's id. */
export type ProcessStatus = { state: string | undefined; parent: number };

/** Reads `/proc/<pid>/stat`: the fields after the name, which is in parentheses and may contain anything. */
export async function readProcessStatus(pid: number): Promise<ProcessStatus> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const [, state, parent] = text.slice(text.lastIndexOf(')')).split(' ');
  return { state, parent: Number(parent) };
}
