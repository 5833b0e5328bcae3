import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '@unity-purchase/tools';

/** A metric that the source of our services registers. */
export type ServiceMetric = {
  /** The jobs that tell it. */
  jobs: readonly string[];
  labels: readonly string[];
};

const services = ['storefront', 'purchase-service'];

/** Which job tells what a workspace registers: the kit is in both. */
const jobsOf = {
  'packages/service-kit': services,
  storefront: ['storefront'],
  'purchase-service': ['purchase-service'],
};

/** Every name under which Prometheus knows what our services measure, read from where it is registered. */
export async function readServiceMetrics(): Promise<Map<string, ServiceMetric>> {
  const known = new Map<string, ServiceMetric>();
  for (const [workspace, jobs] of Object.entries(jobsOf)) {
    const folder = join(projectRoot, workspace, 'src');
    const files = (await readdir(folder, { recursive: true })).filter(
      (file) => file.endsWith('.ts') && !file.endsWith('.test.ts'),
    );
    for (const file of files)
      for (const { kind, name, labels } of registeredIn(await readFile(join(folder, file), 'utf8')))
        for (const [series, more] of seriesOf(kind, name))
          known.set(series, { jobs, labels: [...labels, ...more] });
  }
  return known;
}

function registeredIn(source: string): { kind: string; name: string; labels: string[] }[] {
  const shared = /const labelNames = (\[[^\]]*\])/.exec(source)?.[1];
  return [...source.matchAll(/new (Counter|Gauge|Histogram)\(\{([^}]*)\}/g)].map(
    ([, kind = '', options = '']) => {
      const listed =
        /labelNames: (\[[^\]]*\])/.exec(options)?.[1] ?? (/\blabelNames,/.test(options) ? shared : '');
      return {
        kind,
        name: /name: '([^']+)'/.exec(options)?.[1] ?? '',
        labels: [...(listed ?? '').matchAll(/'([^']+)'/g)].map(([, label = '']) => label),
      };
    },
  );
}

function seriesOf(kind: string, name: string): [name: string, labels: string[]][] {
  if (kind !== 'Histogram') return [[name, []]];
  return [
    [`${name}_bucket`, ['le']],
    [`${name}_count`, []],
    [`${name}_sum`, []],
  ];
}
