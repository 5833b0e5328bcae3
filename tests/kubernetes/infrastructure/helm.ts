import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { obtainKubernetesProgram, runProgram } from '@unity-purchase/tools';
import { manifestsIn, type Manifest } from '../rendering/render.js';

/** The folder of a version of Dapr's chart, from its published Go module. */
export async function daprChartFolder(version: string): Promise<string> {
  const answer = await runProgram('go', ['mod', 'download', '-json', `github.com/dapr/dapr@v${version}`], {
    cwd: tmpdir(),
  });
  return join((JSON.parse(answer) as { Dir: string }).Dir, 'charts/dapr');
}

/** Renders a chart with files of values. */
export async function renderChart(
  chart: string,
  { namespace, values }: { namespace: string; values: readonly string[] },
): Promise<Manifest[]> {
  const files = values.flatMap((file) => ['--values', file]);
  return manifestsIn(
    await runProgram(await obtainKubernetesProgram('helm'), [
      'template',
      'release',
      chart,
      '--namespace',
      namespace,
      ...files,
    ]),
  );
}
