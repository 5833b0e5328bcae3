import { existsSync } from 'node:fs';
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
  const subcharts = await readdir(join(chart, 'charts'), { withFileTypes: true }).catch(() => []);
  for (const { name } of subcharts.filter((entry) => entry.isDirectory())) {
    const file = join(chart, 'charts', name, 'values.yaml');
    if (existsSync(file)) values[name] = merged(await readValues(file), values[name]);
  }
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

/** Values with those above them, as Helm merges several files, or a subchart's with its parent's. */
export function merged(below: Values, above: Values[string] | undefined): Values {
  if (!isMap(above)) return below;
  const all: Values = { ...below };
  for (const [key, value] of Object.entries(above)) {
    const other = below[key];
    all[key] = isMap(value) && isMap(other) ? merged(other, value) : value;
  }
  return all;
}
