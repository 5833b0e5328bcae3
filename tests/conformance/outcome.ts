import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  brokerNamed,
  daprdVersion,
  folderOf,
  projectRoot,
  readResourceFolder,
  storeNamed,
  type ComponentDefinition,
} from '@unity-purchase/tools';
import { z } from 'zod';
import { everyPromiseId, pairName, type Pair, type PromiseId } from './promises.js';

const verdictSchema = z.enum(['kept', 'broken', 'not promised']);

/** The verdict on one promise, and what was observed. */
const promiseOutcomeSchema = z.strictObject({ verdict: verdictSchema, seen: z.string() });

export type PromiseOutcome = z.infer<typeof promiseOutcomeSchema>;

export const pairOutcomeSchema = z.strictObject({
  pair: z.string(),
  broker: z.string(),
  store: z.string(),
  dapr: z.string(),
  /** A hash of all settings of the pair's resources, without comments. */
  settings: z.string(),
  promises: z.partialRecord(z.enum(everyPromiseId), promiseOutcomeSchema),
});

/** The results for one pair, with the versions and settings they were measured with. */
export type PairOutcome = z.infer<typeof pairOutcomeSchema>;

/** A pair's servers and their versions. */
export async function describePair({
  broker,
  store,
}: Pair): Promise<Pick<PairOutcome, 'broker' | 'store' | 'dapr'>> {
  return {
    broker: await serverAndVersion(brokerNamed(broker)),
    store: await serverAndVersion(storeNamed(store)),
    dapr: await daprdVersion(),
  };
}

async function serverAndVersion(definition: ComponentDefinition): Promise<string> {
  return definition.server === undefined ? definition.file.title : definition.server.obtain();
}

/** A hash of every setting a pair runs with; it changes when a setting changes. */
export async function settingsOf({ broker, store }: Pair): Promise<string> {
  const folders = [
    join(projectRoot, 'components/common'),
    await folderOf('broker', broker, projectRoot),
    await folderOf('store', store, projectRoot),
  ];
  const files = (await Promise.all(folders.map(readResourceFolder))).flat();
  // A kustomization only lists files for a cluster; sidecars load the files.
  const values = files
    .flatMap(({ documents }) => documents)
    .filter((document) => document.get('kind') !== 'Kustomization')
    .map((document) => document.toJS() as unknown);
  return createHash('sha256').update(JSON.stringify(values)).digest('hex').slice(0, 16);
}

/** The file with a pair's results. */
function outcomeFile(pair: Pair): string {
  return join(projectRoot, '.data/conformance', `${pairName(pair)}.json`);
}

export async function writeOutcome(
  pair: Pair,
  outcomes: Partial<Record<PromiseId, PromiseOutcome>>,
): Promise<void> {
  const outcome: PairOutcome = {
    pair: pairName(pair),
    ...(await describePair(pair)),
    settings: await settingsOf(pair),
    promises: outcomes,
  };
  const file = outcomeFile(pair);
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, `${JSON.stringify(outcome, undefined, 2)}\n`);
}

/** Deletes earlier results, so that an interrupted run cannot pass them off as its own. */
export async function removeOutcome(pair: Pair): Promise<void> {
  await rm(outcomeFile(pair), { force: true });
}

export async function readOutcome(pair: Pair): Promise<PairOutcome> {
  return pairOutcomeSchema.parse(JSON.parse(await readFile(outcomeFile(pair), 'utf8')));
}
