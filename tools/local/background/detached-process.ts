import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { z } from 'zod';
import { signalGroup } from '../../programs/children-on-exit.js';
import type { ProcessSpec } from '../runner/supervised-process.js';
import { waitUntil } from '../wait-until.js';
import { processIdentity } from './process-identity.js';

export const detachedProcessSchema = z.strictObject({
  name: z.string(),
  pid: z.int().positive(),
  /** Only a process that started at this time is the one; its number may belong to somebody else by now. */
  identity: z.string(),
  stopSignal: z.enum(['SIGTERM', 'SIGINT']),
  stopTimeoutMs: z.int(),
});

/** A process that goes on when the one that started it has ended, with all it takes to find and to stop it again. */
export type DetachedProcess = z.infer<typeof detachedProcessSchema>;

/**
 * Starts a process that leads its own group and writes into a file, in place of what the last one wrote. Rejects when it
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

/** Whether it is still there. */
export async function isRunning({ pid, identity }: DetachedProcess): Promise<boolean> {
  return (await processIdentity(pid)) === identity;
}

/** Asks it to end, kills it if it does not, and resolves when it has ended; at once when it had. */
export async function stopDetached(process: DetachedProcess): Promise<void> {
  if (!(await isRunning(process))) return;
  const gone = async (): Promise<true | string> =>
    !(await isRunning(process)) || `${process.name} (process ${process.pid}) is still there`;
  signalGroup(process.pid, process.stopSignal);
  try {
    await waitUntil(gone, process.stopTimeoutMs);
  } catch {
    signalGroup(process.pid, 'SIGKILL');
    await waitUntil(gone, process.stopTimeoutMs);
  }
}

/** The end of what it wrote. */
export async function lastLines(logFile: string, count: number): Promise<string[]> {
  const text = await readFile(logFile, 'utf8').catch(() => '');
  return text.trimEnd().split('\n').slice(-count);
}
