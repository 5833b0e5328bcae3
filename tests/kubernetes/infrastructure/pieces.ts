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

/** A chart or a kustomization that the product stands on. */
export type Piece = z.infer<typeof pieceSchema>;

export const infrastructure = join(manifests, 'infrastructure');

/** What charts.yaml says, read as YAML: the scripts read the same file line by line. */
export async function readPieces(): Promise<Piece[]> {
  const text = await readFile(join(infrastructure, 'charts.yaml'), 'utf8');
  return z.strictObject({ pieces: z.array(pieceSchema) }).parse(parse(text)).pieces;
}

/** By wave, and within a wave as they stand in the file. */
export function inOrder(pieces: readonly Piece[]): Piece[] {
  return pieces.toSorted((one, other) => one.wave - other.wave);
}
