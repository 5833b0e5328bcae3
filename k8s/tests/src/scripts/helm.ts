import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { obtainGoPrograms, runProgram } from '@unity-purchase/tools';
import { manifestsIn, type Manifest } from '../render.js';

/** What the newest Argo CD renders charts with is this or younger. */
const build = {
  name: 'helm',
  module: 'helm.sh/helm/v4',
  version: 'v4.1.4',
  packages: { helm: 'helm.sh/helm/v4/cmd/helm' },
  takes: 'about three minutes on two cores',
};

export async function obtainHelm(): Promise<string> {
  return join(await obtainGoPrograms(build), 'helm');
}

/** Dapr's chart of a version, whole, from its published Go module. */
export async function daprChartFolder(version: string): Promise<string> {
  const answer = await runProgram('go', ['mod', 'download', '-json', `github.com/dapr/dapr@v${version}`], {
    cwd: tmpdir(),
  });
  return join((JSON.parse(answer) as { Dir: string }).Dir, 'charts/dapr');
}

/** What a chart becomes with these values. */
export async function renderChart(
  chart: string,
  { namespace, values }: { namespace: string; values: readonly string[] },
): Promise<Manifest[]> {
  const files = values.flatMap((file) => ['--values', file]);
  return manifestsIn(
    await runProgram(await obtainHelm(), ['template', 'release', chart, '--namespace', namespace, ...files]),
  );
}
