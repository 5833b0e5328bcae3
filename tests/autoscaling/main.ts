import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  debianProgram,
  prometheusPackages,
  errorText,
  obtainRequirements,
  packageVersion,
  projectRoot,
  rejectOnAbort,
  rejectOnFailure,
  runInterruptibly,
} from '@unity-purchase/tools';
import { format, resolveConfig } from 'prettier';
import { startScene, type Scene } from './scene.js';
import { chartOf } from './chart.js';
import { reportOf } from './report.js';
import { readSettings, type Settings } from './settings.js';
import { disturb, scaleDown, scaleUp } from './scenarios.js';

// Pending work would keep the process alive for minutes after a run is aborted.
process.exit(await runInterruptibly(() => readSettings(process.argv.slice(2)), main));

async function main(settings: Settings, signal: AbortSignal): Promise<void> {
  await obtainRequirements('test:autoscaling');
  await using scene = await startScene(settings, print);
  let abortReason: string | undefined;
  try {
    await Promise.race([
      runScenarios(scene),
      rejectOnFailure(scene.controlPlane.processes.failed),
      rejectOnAbort(signal, 'stopped before the end'),
    ]);
  } catch (error) {
    if (signal.aborted) throw error;
    abortReason = errorText(error);
  }
  await save(scene, settings, abortReason);
  const unmet = scene.steps.filter(({ isMet }) => !isMet).length;
  if (abortReason !== undefined) throw new Error(`aborted: ${abortReason}`);
  if (unmet > 0) throw new Error(`${unmet} of ${scene.steps.length} expectations were not met`);
}

async function runScenarios({ stage }: Scene): Promise<void> {
  await scaleUp(stage);
  await disturb(stage);
  await scaleDown(stage);
}

async function save(scene: Scene, settings: Settings, abortReason: string | undefined): Promise<void> {
  const { tree } = await debianProgram(prometheusPackages);
  // A quick run is for development. Only a full run writes the documented page.
  const folder = settings.quick ? join(projectRoot, '.data', 'autoscaling') : join(projectRoot, 'docs');
  await mkdir(folder, { recursive: true });
  const { samples, seconds } = scene.stage.observations;
  const file = join(folder, 'autoscaling.md');
  const text = reportOf({
    settings,
    startedAt: scene.startedAt,
    seconds: seconds(),
    deployed: scene.deployed,
    steps: scene.steps,
    abortReason,
    prometheusVersion: await packageVersion(tree, 'prometheus'),
  });
  await writeFile(file, await format(text, { ...(await resolveConfig(file)), filepath: file }));
  await writeFile(join(folder, 'autoscaling.svg'), chartOf(samples, scene.outages));
  print(`The report: ${file}`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
