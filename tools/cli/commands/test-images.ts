import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorText } from '../../programs/error-text.js';
import { buildTwice } from '../../images/build-twice.js';
import { removeContainers } from '../../images/container-pair.js';
import { openPodman, type Podman } from '../../images/podman.js';
import { projectRoot } from '../../project-root.js';
import { obtainTool } from '../../programs/obtain.js';
import { exitCodes } from '../exit-codes.js';
import { exitingOnInterrupts } from '../interrupts.js';
import { runJest } from '../run-jest.js';
import { runScript } from '../run-script.js';
import { totalling } from '../test-totals.js';

/** What makes the record of what was measured. */
const imagesDocument = 'tests/images/images-document.ts';

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  let podman: Podman;
  try {
    podman = await exitingOnInterrupts(() => openPodman());
  } catch (error) {
    console.error(`NOT TRIED, the images are as untested as before: ${errorText(error)}`);
    return exitCodes.unavailable;
  }
  const folder = await mkdtemp(join(tmpdir(), 'unity-purchase-images-'));
  try {
    return await totalling((reports) => buildAndTest(podman, folder, args, join(reports, 'images.json')));
  } finally {
    // An interrupt ends those who would have removed them; containers belong to nobody then.
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
  const toWrite = args.includes('--write');
  const builtFile = join(folder, 'built.json');
  const env = { BUILT_IMAGES: builtFile };
  // What minutes are spent on must not be waited for inside a test.
  await exitingOnInterrupts(async () => {
    for (const tool of ['daprd', 'nats-server'] as const) await obtainTool(tool);
    const built = await buildTwice(podman, folder);
    for (const { reference, digests } of Object.values(built.images))
      console.log(`${reference}@${digests.join(' and ')}`);
    console.log(built.baseImages.join('\n'));
    await writeFile(builtFile, JSON.stringify(built));
  });
  const code = await runJest({
    ...{ projects: ['images'], report, env, flags: ['--runInBand'] },
    args: args.filter((argument) => argument !== '--write'),
  });
  if (code !== 0) return code;
  return runScript(imagesDocument, [builtFile, ...(toWrite ? ['--write'] : [])]);
}
