import type { Demand } from './demand.js';
import type { Reconciled } from './reconcile.js';
import type { Disturbance } from './schedule.js';
import { describe, type Settings } from './settings.js';

/** The result of a run. */
export type Report = {
  settings: Settings;
  startedAt: string;
  seconds: number;
  demand: Demand;
  accepted: number;
  retries: number;
  duplicatesAbsorbed: number;
  disturbances: Disturbance[];
  reconciled: Reconciled;
};

/** The report as readable text. */
export function reportText(report: Report): string {
  const { settings, seconds, demand, accepted, retries, duplicatesAbsorbed, disturbances, reconciled } =
    report;
  const { inside, deadLettersRecorded, freshnessMs } = reconciled;
  return [
    `${describe(settings)}: reconciled, nothing lost and nothing doubled.`,
    `  purchases         ${accepted} placed and accepted in ${Math.round(seconds)} s`,
    `  disturbances      ${disturbances.length}: ${countsByKind(disturbances)}`,
    `  sent again        ${retries} times, by shoppers without the right answer`,
    `  duplicates        ${duplicatesAbsorbed} events absorbed (seen twice a second, so not what came just before a kill)`,
    `  placed → recorded ${secondsText(freshnessMs.median)} s (median), ${secondsText(freshnessMs.longest)} s (longest)`,
    `  longest silence   ${secondsText(demand.longestSilenceMs)} s without a purchase accepted`,
    `  dead letters      ${deadLettersRecorded}, all of purchases that are recorded`,
    `  inside            ${inside}`,
  ].join('\n');
}

function countsByKind(disturbances: readonly Disturbance[]): string {
  const counts = new Map<string, number>();
  for (const { kind, target } of disturbances) {
    const what = `${kind} ${target}`;
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  return [...counts]
    .sort(([one], [other]) => one.localeCompare(other))
    .map(([what, count]) => (count === 1 ? what : `${count} × ${what}`))
    .join(', ');
}

function secondsText(ms: number): string {
  return (ms / 1_000).toFixed(ms < 10_000 ? 2 : 1);
}
