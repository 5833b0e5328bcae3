import { projectRoot } from '@unity-purchase/tools';
import { runSchedules, type Finding } from './run-schedules.js';
import { readSettings } from './settings.js';

const settings = readSettings(process.argv.slice(2));
const { firstSeed, all } = settings;
const startMs = performance.now();
const endMs = 'minutes' in settings ? startMs + settings.minutes * 60_000 : Infinity;
const schedulesMax = 'schedules' in settings ? settings.schedules : Infinity;

console.log(`schedules from seed ${firstSeed} on`);
const { schedules, findings } = await runSchedules({
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
const seconds = ((performance.now() - startMs) / 1000).toFixed(0);
console.log(
  findings.length === 0
    ? `every promise holds in ${schedules} schedules (${seconds} s)`
    : `${findings.length} broken in ${schedules} schedules (${seconds} s)`,
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
