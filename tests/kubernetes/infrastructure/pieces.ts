import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { manifests } from '../rendering/render.js';

const pieceSchema = z.strictObject({
  name: z.string(),
  wave: z.int(),
  namespace: z.string(),
  repository: z.string().optional(),
  chart: z.string().optional(),
  version: z.string().optional(),
  folder: z.string().optional(),
  ready: z.string().optional(),
  'api-groups': z.string().optional(),
});

/** An entry of charts.yaml: a chart or kustomization that must be installed before the product. */
export type Piece = z.infer<typeof pieceSchema>;

/** The folder of the cluster infrastructure. */
export const infrastructure = join(manifests, 'infrastructure');

/** Reads charts.yaml as YAML. The scripts read the same file line by line. */
export async function readPieces(): Promise<Piece[]> {
  const text = await readFile(join(infrastructure, 'charts.yaml'), 'utf8');
  return z.strictObject({ pieces: z.array(pieceSchema) }).parse(parse(text)).pieces;
}

/** Sorts by wave, and keeps the order of the file within a wave. */
export function inOrder(pieces: readonly Piece[]): Piece[] {
  return pieces.toSorted((one, other) => one.wave - other.wave);
}
