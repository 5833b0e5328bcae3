import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { collectCrds, kindOf, type Crds } from '../schemas/crds.js';
import { refusedObjects } from '../schemas/validate.js';
import { chartSource, valuesOf } from './chart-sources.js';
import { readChartValues, readValues, unknownValues } from './chart-values.js';
import { renderChart } from './helm.js';
import { readPieces } from './pieces.js';

const charts = await Promise.all(
  (await readPieces())
    .filter(({ chart }) => chart !== undefined)
    .map(async (piece) => ({ ...piece, source: await chartSource(piece) })),
);
const available = charts.flatMap(({ source, ...chart }) =>
  'at' in source ? [{ ...chart, folder: source.at }] : [],
);
const variants = available.flatMap((chart) =>
  [false, true]
    .filter((singleNode) => valuesOf(chart.name, { singleNode }).every(existsSync))
    .map((singleNode) => ({ ...chart, singleNode, nodes: singleNode ? 'one node' : 'three nodes' })),
);

/** Values that a chart reads although it lists no default for them. */
const unlisted: Readonly<Record<string, readonly string[]>> = {
  'mongodb-operator': ['operator.telemetry.enabled'],
};

/** Rendering and validating thousands of lines takes a while on a busy machine. */
const timeoutMs = 240_000;

let crds: Crds;
beforeAll(async () => {
  crds = await collectCrds();
  for (const { name, source } of charts)
    if ('lacks' in source) process.stderr.write(`The values of ${name} are unverified: ${source.lacks}\n`);
}, timeoutMs);
afterAll(async () => {
  await crds[Symbol.asyncDispose]();
});

describe('Helm, whose YAML is stricter than ours,', () => {
  let chart: string;
  beforeAll(async () => {
    chart = await mkdtemp(join(tmpdir(), 'unity-purchase-chart-'));
    await writeFile(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: empty\nversion: 1.0.0\n');
    await mkdir(join(chart, 'templates'));
  });
  afterAll(() => rm(chart, { recursive: true }));

  test.each(
    charts.flatMap(({ name }) =>
      [false, true].flatMap((singleNode) =>
        valuesOf(name, { singleNode })
          .slice(singleNode ? 1 : 0)
          .filter(existsSync)
          .map((file) => [`${name}/${basename(file)}`, file] as const),
      ),
    ),
  )('reads %s', async (_name, file) => {
    expect(await renderChart(chart, { namespace: 'any', values: [file] })).toEqual([]);
  });
});

describe.each(variants)('the values of $name for $nodes', ({ name, namespace, folder, singleNode }) => {
  const files = valuesOf(name, { singleNode });

  test('are known to the chart, because Helm ignores unknown ones', async () => {
    const known = await readChartValues(folder);
    for (const file of files)
      expect(
        unknownValues(await readValues(file), known).filter(
          (value) => !(unlisted[name] ?? []).includes(value),
        ),
      ).toEqual([]);
  });

  test(
    'render objects that the API server accepts',
    async () => {
      const objects = await renderChart(folder, { namespace, values: files });
      expect(objects.length).toBeGreaterThan(0);
      const builtIn = /^(v1|apps\/v1|batch\/v1|policy\/v1|[a-z.]+\.k8s\.io\/v\d+) /;
      // Definitions are large, and installed separately.
      const judged = objects.filter(
        (object) =>
          object.kind !== 'CustomResourceDefinition' &&
          object.kind !== 'APIService' &&
          (builtIn.test(kindOf(object)) || crds.kinds.has(kindOf(object))),
      );
      const refused = await refusedObjects(judged, crds.folder);
      expect(refused.map(({ complaint }) => complaint)).toEqual([]);
    },
    timeoutMs,
  );
});

test('a chart of another version is not used', async () => {
  const keda = charts.find(({ name }) => name === 'keda');
  if (keda === undefined) throw new Error('keda is not installed');
  const folder = await mkdtemp(join(tmpdir(), 'unity-purchase-charts-'));
  try {
    await mkdir(join(folder, 'keda'));
    await writeFile(join(folder, 'keda/Chart.yaml'), `name: keda\nversion: ${keda.version ?? ''}\n`);
    expect(await chartSource(keda, folder)).toEqual({ at: join(folder, 'keda') });
    expect(await chartSource({ ...keda, version: '0.0.1' }, folder)).toEqual({
      lacks: `CHARTS has keda ${keda.version ?? ''} instead of 0.0.1`,
    });
    expect(await chartSource({ ...keda, chart: 'other' }, folder)).toEqual({ lacks: 'CHARTS has no other' });
  } finally {
    await rm(folder, { recursive: true });
  }
});
