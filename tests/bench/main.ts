import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { obtainRequirements, projectRoot, runInterruptibly } from '@unity-purchase/tools';
import { withBenchmarkSystem } from './benchmark-system.js';
import { benchmarkPairs } from './benchmark-pairs.js';
import { runBenchmark } from './benchmark.js';
import { costChart } from './large/cost-chart.js';
import { runLarge } from './large/run-large.js';
import { largeDocument } from './large/large-document.js';
import { replicasDocument } from './replicas/replicas-document.js';
import { partitions, runReplicas } from './replicas/run-replicas.js';
import { profiledEnvironment, runProfile } from './profile/run-profile.js';
import { describeMachine } from './report/machine.js';
import { performanceDocument } from './report/performance-document.js';
import type { Results } from './results.js';
import { readSettings, type Request, type Settings } from './settings.js';

const tell = (line: string): void => {
  console.log(line);
};

// Work in flight when a measurement is abandoned would keep this process alive for seconds.
process.exit(await runInterruptibly(() => readSettings(process.argv.slice(2)), run));

async function run(request: Request, signal: AbortSignal): Promise<void> {
  if (request.kind === 'profile') await profile(request.settings, signal);
  else if (request.kind === 'large') await fillStores(request, signal);
  else if (request.kind === 'replicas') await scaleOut(request, signal);
  else await comparePipelines(request, signal);
}

async function comparePipelines({ settings, isFull }: Request, signal: AbortSignal): Promise<void> {
  const startedAt = new Date().toISOString();
  const machine = await describeMachine();
  await obtainRequirements('bench');
  // The shorter part first: a failure costs less.
  const otherPairs = await benchmarkPairs(settings, { signal, tell });
  tell('Starting Kafka, a MongoDB-compatible server, and both pipelines ...');
  const measured = await withBenchmarkSystem({ signal }, (system) => runBenchmark(system, settings, tell));
  const results: Results = { startedAt, settings, machine, ...measured, otherPairs };
  const document = performanceDocument(results);
  tell(`\n${document}`);
  await save(results, document, isFull);
}

async function profile({ seconds }: Settings, signal: AbortSignal): Promise<void> {
  await obtainRequirements('bench');
  const folder = join(projectRoot, '.data', 'profiles');
  const appEnv = profiledEnvironment(folder);
  await withBenchmarkSystem({ signal, appEnv }, (system) => runProfile(system, { folder, seconds, tell }));
  tell('\nThe flame graphs, and the profiles for Chrome and VS Code, are in .data/profiles');
}

async function fillStores({ isQuick }: Request, signal: AbortSignal): Promise<void> {
  const startedAt = new Date().toISOString();
  const machine = await describeMachine();
  await obtainRequirements('bench');
  const { stores: measured, stored } = await runLarge({ isQuick, signal, tell });
  const document = largeDocument({ startedAt, machine, stores: measured, stored });
  tell(`\n${document}`);
  const folder = join(projectRoot, isQuick ? '.data' : 'docs');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'large-stores.svg'), costChart(measured));
  if (isQuick) return;
  await writeFile(join(folder, 'large-stores.md'), document);
  tell('Written to docs/large-stores.md');
}

async function scaleOut({ settings, isQuick }: Request, signal: AbortSignal): Promise<void> {
  const startedAt = new Date().toISOString();
  const machine = await describeMachine();
  await obtainRequirements('bench');
  const result = await runReplicas(settings, { signal, tell });
  const document = replicasDocument({ startedAt, machine, backlog: settings.backlog, partitions, result });
  tell(`\n${document}`);
  if (isQuick) return;
  await writeFile(join(projectRoot, 'docs', 'several-replicas.md'), document);
  tell('Written to docs/several-replicas.md');
}

/** Always writes the rounds; writes the page only after a full run. */
async function save(results: Results, document: string, isFull: boolean): Promise<void> {
  const folder = join(projectRoot, '.data', 'benchmarks');
  await mkdir(folder, { recursive: true });
  const name = results.startedAt.replaceAll(/[:.]/g, '-');
  await writeFile(join(folder, `${name}.json`), `${JSON.stringify(results, undefined, 2)}\n`);
  tell(`The single rounds are in .data/benchmarks/${name}.json`);
  if (!isFull) return;
  await writeFile(join(projectRoot, 'docs', 'performance.md'), document);
  tell('Written to docs/performance.md');
}
