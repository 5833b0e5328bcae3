import { writeFile } from 'node:fs/promises';
import {
  appIds,
  auditApiPath,
  deadLetterApiPath,
  purchaseApiPath,
  purchasePlaced,
  shopperApiPath,
} from '@unity-purchase/contracts';
import { encodeCursor } from '@unity-purchase/numbered-log';
import { lastMonths } from '@unity-purchase/purchase-service';
import { readMetric } from '../../system/prometheus.js';
import type { TestSystem } from '../../system/test-system.js';
import { memoryMiB } from '../measures/process-memory.js';
import { median } from '../report/statistics.js';
import { periodMs, purchaseOf, type World } from './world.js';

/** What one operation took: the medians of several times, and the largest memory of the service meanwhile. */
export type Cost = { operation: string; ms: number; stateCalls: number; memoryMiB: number };

/** Warm operations are repeated with other pages, months and ids. */
const repetitions = 15;

/** Each cold one needs a new process. */
const coldRepetitions = 3;

const pageLimit = 20;

/** Measures what operations cost in a loaded store. */
export function measureIn(shop: TestSystem, { samples }: World, nowMs: number) {
  const { system, purchaseService: url } = shop;
  const process = system.process(appIds.purchaseService);
  const stateCalls = (): Promise<number> => {
    const { metrics } = system.ports(appIds.purchaseService);
    return readMetric(`http://127.0.0.1:${String(metrics)}/metrics`, 'dapr_component_state_count');
  };
  const get = async (path: string, method = 'GET'): Promise<void> => {
    const answer = await fetch(`${url}${path}`, { method });
    const text = await answer.text();
    if (answer.status !== 200) throw new Error(`${path} was answered with ${String(answer.status)}: ${text}`);
  };
  const record = async (shopper: string, number: number): Promise<void> => {
    const answer = await fetch(`${url}/events/purchases`, {
      method: 'POST',
      headers: { 'content-type': 'application/cloudevents+json' },
      body: JSON.stringify(purchasePlaced(purchaseOf(shopper, Date.now(), number))),
    });
    const text = await answer.text();
    if (!text.includes('SUCCESS')) throw new Error(`a purchase was answered with ${text}`);
  };
  const startAnew = async (): Promise<void> => {
    await process.restart();
    await system.waitUntilReady(appIds.purchaseService);
  };
  const costOf = async (
    operation: string,
    work: (repetition: number) => Promise<void>,
    { isCold = false, times }: { isCold?: boolean; times?: number } = {},
  ): Promise<Cost> => {
    const taken: { ms: number; calls: number; memoryMiB: number }[] = [];
    const count = times ?? (isCold ? coldRepetitions : repetitions);
    for (let repetition = 0; repetition < count; repetition += 1) {
      if (isCold) await startAnew();
      const calls = await stateCalls();
      await writeFile(`/proc/${String(process.pid)}/clear_refs`, '5');
      const startMs = performance.now();
      await work(repetition);
      const ms = performance.now() - startMs;
      taken.push({
        ms,
        calls: (await stateCalls()) - calls,
        memoryMiB: Math.round(await memoryMiB(process.pid, 'VmHWM')),
      });
    }
    return {
      operation,
      ms: median(taken.map(({ ms }) => ms)),
      stateCalls: median(taken.map(({ calls }) => calls)),
      memoryMiB: Math.max(...taken.map(({ memoryMiB }) => memoryMiB)),
    };
  };

  return {
    /** What concerns one shopper with `count` purchases. */
    ofShopper: async (shopper: string, count: number): Promise<Cost[]> => {
      const path = `${purchaseApiPath}/${shopper}`;
      const known = samples[shopper] ?? [];
      const sampleOf = (repetition: number) => known[Math.floor((repetition / repetitions) * known.length)];
      const months = lastMonths(new Date(nowMs), 24);
      const middle = (repetition: number): string =>
        encodeCursor(
          [{ segment: Math.max(1, Math.floor((count * (repetition + 1)) / (repetitions + 1))), index: 1 }],
          'older',
        );
      return [
        await costOf('first page, cold', () => get(`${path}?limit=${String(pageLimit)}`), { isCold: true }),
        await costOf('first page', () => get(`${path}?limit=${String(pageLimit)}`)),
        await costOf('a page in the middle', (repetition) =>
          get(`${path}?limit=${String(pageLimit)}&cursor=${middle(repetition)}`),
        ),
        await costOf('one month', (repetition) =>
          get(`${path}?limit=${String(pageLimit)}&month=${months[repetition % months.length] ?? ''}`),
        ),
        await costOf('all months', () => get(`${path}/months?count=24`)),
        await costOf('one purchase by its id', (repetition) =>
          get(`${path}/${sampleOf(repetition)?.purchaseId ?? ''}`),
        ),
        await costOf('recording the first purchase, cold', (repetition) => record(shopper, repetition), {
          isCold: true,
        }),
        await costOf('recording the next purchase', (repetition) => record(shopper, repetition)),
      ];
    },
    /** What concerns everything that is stored. `sixty` has sixty purchases, which are erased. */
    ofEveryone: async (sixty: string): Promise<Cost[]> => {
      const time = (repetition: number): string =>
        new Date(nowMs - periodMs * ((repetition + 1) / (repetitions + 2))).toISOString();
      return [
        await costOf(
          "the operators' list, cold",
          () => get(`${purchaseApiPath}?limit=${String(pageLimit)}`),
          { isCold: true },
        ),
        await costOf("the operators' list", () => get(`${purchaseApiPath}?limit=${String(pageLimit)}`)),
        await costOf('all purchases before a time', (repetition) =>
          get(`${purchaseApiPath}?limit=${String(pageLimit)}&before=${time(repetition)}`),
        ),
        await costOf('dead letters', () => get(`${deadLetterApiPath}?limit=${String(pageLimit)}`)),
        await costOf('the audit log', () => get(`${auditApiPath}?limit=${String(pageLimit)}`)),
        await costOf('exporting a shopper with 60 purchases', () => get(`${shopperApiPath}/${sixty}`)),
        await costOf('erasing that shopper', () => get(`${shopperApiPath}/${sixty}`, 'DELETE'), { times: 1 }),
      ];
    },
  };
}
