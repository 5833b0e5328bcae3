import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildTwice } from '../../images/build-twice.js';
import { removeContainers } from '../../images/container-pair.js';
import { openPodman, type Podman } from '../../images/podman.js';
import { errorText } from '../../programs/error-text.js';
import { projectRoot } from '../../project-root.js';
import { exitCodes } from '../exit-codes.js';
import { exitingOnInterrupts } from '../interrupts.js';
import { obtainRequirements } from '../requirements.js';
import { runJest } from '../run-jest.js';
import { runScript } from '../run-script.js';
import { totalling } from '../test-totals.js';

/** Writes docs/images.md from what the tests measured, or compares the two. */
const imagesDocument = 'tests/images/images-document.ts';

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  let podman: Podman;
  try {
    podman = await exitingOnInterrupts(() => openPodman());
  } catch (error) {
    console.error(`NOT RUN: the images were not tested. ${errorText(error)}`);
    return exitCodes.unavailable;
  }
  const folder = await mkdtemp(join(tmpdir(), 'unity-purchase-images-'));
  try {
    return await totalling((reports) => buildAndTest(podman, folder, args, join(reports, 'images.json')));
  } finally {
    // After an interrupt, the processes that would have removed the containers are gone.
    await removeContainers(podman, projectRoot);
    await rm(folder, { recursive: true, force: true });
  }
}

async function buildAndTest(
  podman: Podman,
  folder: string,
  args: readonly string[],
  report: string,
): Promise<number> {
  const builtFile = join(folder, 'built.json');
  await obtainRequirements('test:images');
  await exitingOnInterrupts(async () => {
    const built = await buildTwice(podman, folder);
    for (const { reference, digests } of Object.values(built.images))
      console.log(`${reference}@${digests.join(' and ')}`);
    console.log(built.baseImages.join('\n'));
    await writeFile(builtFile, JSON.stringify(built));
  });
  const code = await runJest({
    projects: ['images'],
    args: args.filter((argument) => argument !== '--write'),
    report,
    env: { BUILT_IMAGES: builtFile },
    flags: ['--runInBand'],
  });
  if (code !== 0) return code;
  return runScript(imagesDocument, args.includes('--write') ? [builtFile, '--write'] : [builtFile]);
}
