import { topics } from '@unity-purchase/contracts';
import { topicPartitions } from '@unity-purchase/tools';
import type { Settings } from '../settings.js';
import { measureReplicas, type MeasuredReplicas } from './measure-replicas.js';
import { simulateReplicas, type MeasuredCosts, type SimulatedReplicas } from './simulate-replicas.js';

/** What several purchase-services do: measured on this machine, and simulated beyond it. */
export type ReplicasResult = {
  measured: MeasuredReplicas[];
  costs: MeasuredCosts;
  simulated: SimulatedReplicas[];
};

const measuredCounts = [1, 2, 4];
const simulatedCounts = [1, 2, 4, 8, 16];

/** Enough for the rate to be steady. */
const simulatedMax = 10_000;

/** The partitions of the topic. */
export const partitions = topicPartitions[topics.purchaseEvents] ?? 1;

/** Measures one, two and four replicas on one topic, and simulates up to sixteen with the costs that were measured. */
export async function runReplicas(
  { backlog }: Pick<Settings, 'backlog'>,
  { signal, tell }: { signal: AbortSignal; tell: (line: string) => void },
): Promise<ReplicasResult> {
  const measured: MeasuredReplicas[] = [];
  let costs: MeasuredCosts | undefined;
  for (const replicas of measuredCounts) {
    signal.throwIfAborted();
    const result = await measureReplicas(replicas, backlog);
    measured.push(result.measured);
    const { purchases, seconds, processorMs, refused, shards, moves } = result.measured;
    costs ??= { ...result.latencies, threadMs: (processorMs.recorder ?? Number.NaN) / purchases };
    tell(
      `${String(replicas)} replicas: ${(purchases / seconds).toFixed(0)}/s, ${String(refused)} refused, ${String(shards)} shards, ${String(moves)} moves`,
    );
  }
  if (costs === undefined) throw new TypeError('no replica was measured');
  const simulated: SimulatedReplicas[] = [];
  for (const isClaimed of [true, false])
    for (const replicas of simulatedCounts) {
      signal.throwIfAborted();
      const purchases = Math.min(backlog, simulatedMax);
      const result = await simulateReplicas(costs, { replicas, isClaimed, partitions, purchases });
      simulated.push(result);
      tell(
        `simulated: ${String(replicas)} replicas, ${isClaimed ? 'claimed' : 'hashed'}: ${result.perSecond.toFixed(0)}/s, ${result.refusedPerHundred.toFixed(1)} refused of 100`,
      );
    }
  return { measured, costs, simulated };
}
