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
import { pictureOf } from './picture.js';
import { recordOf } from './record.js';
import { readSettings, type Settings } from './settings.js';
import { disturb, fall, rise } from './stories.js';

// What is under way when a run is given up would keep this process for minutes.
process.exit(await runInterruptibly(() => readSettings(process.argv.slice(2)), main));

async function main(settings: Settings, signal: AbortSignal): Promise<void> {
  await obtainRequirements('test:autoscaling');
  await using scene = await startScene(settings, tell);
  let givenUp: string | undefined;
  try {
    await Promise.race([
      act(scene),
      rejectOnFailure(scene.controlPlane.processes.failed),
      rejectOnAbort(signal, 'stopped before the end'),
    ]);
  } catch (error) {
    if (signal.aborted) throw error;
    givenUp = errorText(error);
  }
  await save(scene, settings, givenUp);
  const unmet = scene.steps.filter(({ isMet }) => !isMet).length;
  if (givenUp !== undefined) throw new Error(`given up: ${givenUp}`);
  if (unmet > 0) throw new Error(`${unmet} of ${scene.steps.length} expectations were not met`);
}

async function act({ stage }: Scene): Promise<void> {
  await rise(stage);
  await disturb(stage);
  await fall(stage);
}

async function save(scene: Scene, settings: Settings, givenUp: string | undefined): Promise<void> {
  const { tree } = await debianProgram(prometheusPackages);
  // A quick run is for work on the run: what is recorded is the honest one.
  const folder = settings.quick ? join(projectRoot, '.data', 'autoscaling') : join(projectRoot, 'docs');
  await mkdir(folder, { recursive: true });
  const { samples, seconds } = scene.stage.observations;
  const file = join(folder, 'autoscaling.md');
  const text = recordOf({
    settings,
    startedAt: scene.startedAt,
    seconds: seconds(),
    deployed: scene.deployed,
    steps: scene.steps,
    givenUp,
    prometheusVersion: await packageVersion(tree, 'prometheus'),
  });
  await writeFile(file, await format(text, { ...(await resolveConfig(file)), filepath: file }));
  await writeFile(join(folder, 'autoscaling.svg'), pictureOf(samples, scene.outages));
  tell(`The record: ${file}`);
}

function tell(line: string): void {
  process.stdout.write(`${line}\n`);
}
