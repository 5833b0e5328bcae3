import { projectRoot } from '@unity-purchase/tools';
import { runSchedules, type Finding } from './run-schedules.js';
import { readSettings } from './settings.js';

const settings = readSettings(process.argv.slice(2));
const { firstSeed, all } = settings;
const startMs = performance.now();
const endMs = 'minutes' in settings ? startMs + settings.minutes * 60_000 : Infinity;
const schedulesMax = 'schedules' in settings ? settings.schedules : Infinity;

console.log(`schedules from seed ${firstSeed} on`);
const { schedules, findings, costs } = await runSchedules({
  firstSeed,
  goesOn: (started) => started < schedulesMax && performance.now() < endMs,
  stopsAtFirst: !all,
  simplifyingMsMax: 15_000,
  root: projectRoot,
  onProgress: (done) => {
    if (done % 5000 === 0) console.log(`${done} schedules`);
  },
});
for (const finding of findings) console.log(`\n${textOf(finding)}`);
const seconds = (performance.now() - startMs) / 1000;
console.log('the most that was used of each limit:');
for (const [limit, { used, allowed }] of Object.entries(costs))
  console.log(`  ${limit}: ${used} of ${allowed}`);
const speed = `${seconds.toFixed(0)} s, ${(schedules / seconds).toFixed(0)} schedules per second`;
console.log(
  findings.length === 0
    ? `every promise holds in ${schedules} schedules (${speed})`
    : `${findings.length} broken in ${schedules} schedules (${speed})`,
);
process.exitCode = findings.length === 0 ? 0 : 1;

/** A broken promise with the simplest schedule that breaks it, and the command that repeats it. */
function textOf({ promise, detail, seed, schedules: count, story }: Finding): string {
  return [
    `BROKEN: ${promise}`,
    `  ${detail}`,
    `  found by schedule ${count}; again with: npm run test:simulation -- --schedules 1 --seed ${seed}`,
    'The simplest schedule that breaks it:',
    ...story.map((line) => `  ${line}`),
  ].join('\n');
}
