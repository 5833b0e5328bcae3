import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';

/** The values of a Helm chart. */
export type Values = { [key: string]: Values | string | number | boolean | null | Values[] };

export async function readValues(file: string): Promise<Values> {
  return parse(await readFile(file, 'utf8')) as Values;
}

/** The default values of a chart in a folder, with those of its subcharts under their names. */
export async function readChartValues(chart: string): Promise<Values> {
  const values = await readValues(join(chart, 'values.yaml'));
  for (const subchart of await readdir(join(chart, 'charts')))
    values[subchart] = await readValues(join(chart, 'charts', subchart, 'values.yaml'));
  return values;
}

/** The paths of values that a chart does not know, with dots. Helm ignores them. A map that is empty by default accepts any. */
export function unknownValues(values: Values, known: Values, path = ''): string[] {
  return Object.entries(values).flatMap(([key, value]) => {
    const at = `${path}${key}`;
    if (!(key in known)) return [at];
    const below = known[key];
    return isMap(value) && isMap(below) && Object.keys(below).length > 0
      ? unknownValues(value, below, `${at}.`)
      : [];
  });
}

function isMap(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
