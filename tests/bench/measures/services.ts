import { setTimeout as delay } from 'node:timers/promises';
import type { MeasuredService } from '../benchmark-system.js';
import type { ServiceFigure } from '../results.js';
import { memoryMiB } from './process-memory.js';

/** Start-up work and its garbage are over. */
const idleMs = 5_000;

const readyWithinMs = 30_000;

/**
 * Measures how long a service takes from the start of its process until it is ready, and its memory then and after `work`. Its
 * sidecar runs already.
 */
export async function measureService(
  { name, process, url }: MeasuredService,
  { starts, work }: { starts: number; work: () => Promise<unknown> },
): Promise<ServiceFigure> {
  const readyMs: number[] = [];
  for (let start = 0; start < starts; start += 1) {
    await process.stop();
    const startMs = performance.now();
    await process.start();
    await untilReady(`${url}/health/ready`);
    readyMs.push(performance.now() - startMs);
  }
  await delay(idleMs);
  const idleMiB = await memoryMiB(process.pid, 'VmRSS');
  await work();
  return { name, readyMs, idleMiB, peakMiB: await memoryMiB(process.pid, 'VmHWM') };
}

/** Asks more often than any other start: its time is measured. */
async function untilReady(url: string): Promise<void> {
  const endMs = performance.now() + readyWithinMs;
  while ((await fetch(url).catch(() => undefined))?.status !== 200) {
    if (performance.now() > endMs) throw new Error(`${url} is not ready after ${String(readyWithinMs)} ms`);
    await delay(5);
  }
}
