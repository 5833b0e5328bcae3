import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { upstreamFolder } from '@unity-purchase/tools';
import { parse } from 'yaml';

type Values = { [key: string]: unknown };

function isValues(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What Dapr's chart can be told, with its parts' own values under their names. */
export async function valuesOfChart(): Promise<Values> {
  const chart = join(await upstreamFolder('dapr'), 'charts', 'dapr');
  const own = await readValues(chart);
  const parts = await readdir(join(chart, 'charts'));
  const values = parts.map(async (part) => [part, await readValues(join(chart, 'charts', part))] as const);
  return { ...own, ...Object.fromEntries(await Promise.all(values)) };
}

async function readValues(chart: string): Promise<Values> {
  return parse(await readFile(join(chart, 'values.yaml'), 'utf8')) as Values;
}

/** Settings that a chart does not have: Helm takes them, and nothing comes of them. As paths, with dots. */
export function unknownSettings(ours: unknown, known: unknown, path = ''): string[] {
  // What is an empty object by default may hold anything.
  if (!isValues(ours) || !isValues(known) || (path !== '' && Object.keys(known).length === 0)) return [];
  return Object.entries(ours).flatMap(([key, value]) =>
    key in known ? unknownSettings(value, known[key], `${path}${key}.`) : [`${path}${key}`],
  );
}
