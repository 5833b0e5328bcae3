import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageService } from '@unity-purchase/tools';
import { projectRoot } from '@unity-purchase/tools';

/** Measurements of a service that runs from its image. */
export type RunningFigures = {
  readyAfterMs: number;
  /** Measured while shoppers place orders. */
  stoppedAfterMs: number;
  residentBytes: number;
  sidecarResidentBytes: number;
};

const folder = join(projectRoot, '.data', 'images');

const fileOf = (service: ImageService): string => join(folder, `${service}.json`);

/** Stores measurements in addition to those that are already stored, for docs/images.md. */
export async function storeFigures(service: ImageService, figures: Partial<RunningFigures>): Promise<void> {
  await mkdir(folder, { recursive: true });
  const known = await readFigures(service).catch(() => ({}));
  await writeFile(fileOf(service), JSON.stringify({ ...known, ...figures }));
}

export async function readFigures(service: ImageService): Promise<RunningFigures> {
  return JSON.parse(await readFile(fileOf(service), 'utf8')) as RunningFigures;
}
