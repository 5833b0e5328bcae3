import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageService } from '@unity-purchase/tools';
import { projectRoot } from '@unity-purchase/tools';

/** What was measured of a service that runs from its image. */
export type RunningFigures = {
  readyAfterMs: number;
  /** While people buy. */
  stoppedAfterMs: number;
  residentBytes: number;
  sidecarResidentBytes: number;
};

const folder = join(projectRoot, '.data', 'images');

const fileOf = (service: ImageService): string => join(folder, `${service}.json`);

/** Notes figures down, beside those that are there, for the document that is made of them. */
export async function noteRunning(service: ImageService, figures: Partial<RunningFigures>): Promise<void> {
  await mkdir(folder, { recursive: true });
  const known = await readRunning(service).catch(() => ({}));
  await writeFile(fileOf(service), JSON.stringify({ ...known, ...figures }));
}

export async function readRunning(service: ImageService): Promise<RunningFigures> {
  return JSON.parse(await readFile(fileOf(service), 'utf8')) as RunningFigures;
}
