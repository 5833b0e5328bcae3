import { readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import {
  type BuiltTwice,
  formatMegabytes,
  type ImageService,
  imageServices,
  projectRoot,
} from '@unity-purchase/tools';
import { format } from 'prettier';
import { readFigures, type RunningFigures } from './figures.js';

/**
 * Prints the measurements of the images. With `--write`, writes them into docs/images.md, between its marks. The first argument
 * is the file that lists the images.
 */
const mark = { begin: '<!-- measured -->', end: '<!-- /measured -->' };

/** Layers up to this size only create a folder. */
const emptyLayerBytes = 300;

const [builtFile = '', ...flags] = process.argv.slice(2);
const documentPath = join(projectRoot, 'docs/images.md');

const built = JSON.parse(await readFile(builtFile, 'utf8')) as BuiltTwice;
const rows = await Promise.all(
  imageServices.map(async (service) =>
    rowOf(service, built.images[service].layerBytes, await readFigures(service)),
  ),
);
const measured = [
  '| image | download | Node and base | packages | our code | ready after | stops after | idle memory | sidecar memory |',
  '| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
  ...rows,
  '',
  `Measured on ${cpus().length} processors of a shared machine, podman, linux/${process.arch}; ${built.baseImages.join('; ')}.`,
].join('\n');

if (flags.includes('--write')) await writeBetweenMarks(measured);
else process.stdout.write(`\n${measured}\n\nUse --write to write this into docs/images.md.`);

function rowOf(service: ImageService, layers: readonly number[], running: RunningFigures): string {
  // The last two layers are our own files and the packages. The one before contains Node.
  const [own = 0, packages = 0] = layers.filter((bytes) => bytes > emptyLayerBytes).toReversed();
  const all = layers.reduce((sum, bytes) => sum + bytes, 0);
  const { readyAfterMs, stoppedAfterMs, residentBytes, sidecarResidentBytes } = running;
  const cells = [
    `\`${service}\``,
    ...[all, all - packages - own, packages, own].map(formatMegabytes),
    ...[readyAfterMs, stoppedAfterMs].map((ms) => `${(ms / 1_000).toFixed(1)} s`),
    ...[residentBytes, sidecarResidentBytes].map(formatMegabytes),
  ];
  return `| ${cells.join(' | ')} |`;
}

async function writeBetweenMarks(text: string): Promise<void> {
  const document = await readFile(documentPath, 'utf8');
  const [before, after] = [document.split(mark.begin)[0], document.split(mark.end)[1]];
  if (before === undefined || after === undefined)
    throw new Error(`${documentPath} lacks the marks ${mark.begin} and ${mark.end}. Restore them.`);
  const whole = `${before}${mark.begin}\n\n${text}\n\n${mark.end}${after}`;
  await writeFile(documentPath, await format(whole, { parser: 'markdown' }));
  process.stdout.write(`Written to ${documentPath}.\n`);
}
