import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { z } from 'zod';
import { signalGroup } from '../../programs/children-on-exit.js';
import { processIdentity } from '../../programs/process-identity.js';
import type { ProcessSpec } from '../runner/supervised-process.js';
import { waitUntil } from '../wait-until.js';

export const detachedProcessSchema = z.strictObject({
  name: z.string(),
  pid: z.int().positive(),
  /** When the process started. It distinguishes the process from a later one with the same id. */
  identity: z.string(),
  stopSignal: z.enum(['SIGTERM', 'SIGINT']),
  stopTimeoutMs: z.int(),
});

/** A process that keeps running after its parent has ended, with all data needed to find and stop it. */
export type DetachedProcess = z.infer<typeof detachedProcessSchema>;

/**
 * Starts a process as the leader of its own group. Its output replaces the content of the log file. Rejects when the process
 * cannot be started.
 */
export async function startDetached(spec: ProcessSpec, logFile: string): Promise<DetachedProcess> {
  await spec.beforeStart?.();
  const log = await open(logFile, 'w');
  try {
    const child = spawn(spec.command, spec.args, {
      cwd: spec.cwd,
      env: spec.env,
      stdio: ['ignore', log.fd, log.fd],
      detached: true,
    });
    await once(child, 'spawn');
    child.unref();
    const pid = child.pid ?? 0;
    return {
      name: spec.name,
      pid,
      identity: (await processIdentity(pid)) ?? '',
      stopSignal: spec.stopSignal === 'SIGINT' ? 'SIGINT' : 'SIGTERM',
      stopTimeoutMs: spec.stopTimeoutMs,
    };
  } finally {
    await log.close();
  }
}

/** Whether the process still runs. */
export async function isRunning({ pid, identity }: DetachedProcess): Promise<boolean> {
  return (await processIdentity(pid)) === identity;
}

/** Asks the process to end, and kills its group after the timeout. Resolves when the process has ended. */
export async function stopDetached(process: DetachedProcess): Promise<void> {
  if (!(await isRunning(process))) return;
  const hasEnded = async (): Promise<true | string> =>
    !(await isRunning(process)) || `${process.name} (process ${process.pid}) is still running`;
  signalGroup(process.pid, process.stopSignal);
  try {
    await waitUntil(hasEnded, process.stopTimeoutMs);
  } catch {
    signalGroup(process.pid, 'SIGKILL');
    await waitUntil(hasEnded, process.stopTimeoutMs);
  }
}

/** Returns the last lines of a log file, or none if it cannot be read. */
export async function lastLines(logFile: string, count: number): Promise<string[]> {
  const text = await readFile(logFile, 'utf8').catch(() => '');
  return text.trimEnd().split('\n').slice(-count);
}
