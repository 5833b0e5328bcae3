import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { daprChartFolder } from './helm.js';
import { infrastructure, type Piece } from './pieces.js';

/**
 * A folder with charts, each in a folder of its name, as `helm pull --untar` writes them. Only Dapr's chart is in a Go module;
 * the repositories of the others may be out of reach.
 */
const given = process.env['CHARTS'];

/** The folder of a piece's chart in exactly the installed version, or why there is none. */
export async function chartSource(
  { name, chart = '', version = '' }: Piece,
  folder = given,
): Promise<{ at: string } | { lacks: string }> {
  if (name === 'dapr') return { at: await daprChartFolder(version) };
  if (folder === undefined) return { lacks: 'CHARTS names no folder with charts' };
  const at = join(folder, chart);
  const text = await readFile(join(at, 'Chart.yaml'), 'utf8').catch(() => '');
  if (text === '') return { lacks: `CHARTS has no ${chart}` };
  const found = (parse(text) as { version: string }).version;
  return found === version ? { at } : { lacks: `CHARTS has ${chart} ${found} instead of ${version}` };
}

/** The sets of values with which a chart is installed: for three nodes, and for one. */
export const valuesOf = (name: string, { singleNode }: { singleNode: boolean }): string[] =>
  ['values.yaml', ...(singleNode ? ['values-single-node.yaml'] : [])].map((file) =>
    join(infrastructure, name, file),
  );
