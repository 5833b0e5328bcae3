import { expect, test } from '@jest/globals';
import { appIds } from '@unity-purchase/contracts';
import {
  createProcessSet,
  debianProgram,
  findFreePorts,
  projectRoot,
  prometheusPackages,
  readRunFile,
  waitUntil,
  type RunningSystem,
} from '@unity-purchase/tools';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { signIn } from '../system/shopper-client.js';
import { startTestSystem } from '../system/test-system.js';

const config = 'tools/local/observe/prometheus.yaml';
const dashboards = 'k8s/components/observability/dashboards';

/** What only a cluster has: its objects, its scaler, its broker's and store's exporters, and rules over thirty days. */
const ofTheCluster = /\b(kube|kubelet|keda|kafka|strimzi|dapr_sentry|slo)[_:]|container_/;

const dashboardSchema = z.object({
  panels: z.array(z.object({ title: z.string(), targets: z.array(z.object({ expr: z.string() })) })),
});

const answerSchema = z.object({ data: z.object({ result: z.array(z.unknown()) }) });

/** A line at a fixed height. */
const isConstant = (query: string) => query.startsWith('vector(');

/** The queries of the dashboards that this machine can answer, by panel. */
async function localQueries(): Promise<Map<string, string[]>> {
  const queries = new Map<string, string[]>();
  for (const file of await readdir(join(projectRoot, dashboards))) {
    const text = await readFile(join(projectRoot, dashboards, file), 'utf8');
    for (const { title, targets } of dashboardSchema.parse(JSON.parse(text)).panels) {
      const local = targets
        .map(({ expr }) => expr)
        .filter((query) => !ofTheCluster.test(query) && !isConstant(query));
      if (local.length > 0) queries.set(`${file}: ${title}`, local);
    }
  }
  return queries;
}

/** The configuration of the profile `observe`, for a system at other ports that is scraped every second. */
async function configFor(system: RunningSystem): Promise<string> {
  let text = await readFile(join(projectRoot, config), 'utf8');
  for (const { appId, appPort, metricsPort } of (await readRunFile(join(projectRoot, 'dapr.yaml'))).apps) {
    const ports = system.ports(appId);
    text = text
      .replace(`127.0.0.1:${appPort}'`, `127.0.0.1:${ports.app}'`)
      .replace(`127.0.0.1:${metricsPort}'`, `127.0.0.1:${ports.metrics}'`);
  }
  return text.replace(/scrape_interval: \d+s/, 'scrape_interval: 1s');
}

/** Starts the real Prometheus with a configuration. */
async function startPrometheus(text: string): Promise<AsyncDisposable & { url: string }> {
  const { tree, env } = await debianProgram(prometheusPackages);
  const folder = await mkdtemp(join(tmpdir(), 'unity-purchase-observe-'));
  await writeFile(join(folder, 'prometheus.yaml'), text);
  const [port = 0] = await findFreePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const processes = createProcessSet(() => undefined);
  await processes.start({
    spec: {
      name: 'prometheus',
      command: join(tree, 'usr', 'bin', 'prometheus'),
      args: [
        '--config.file=prometheus.yaml',
        '--storage.tsdb.path=data',
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      cwd: folder,
      env,
      stopTimeoutMs: 5_000,
    },
    stopStage: 0,
    isReady: async () => {
      const response = await fetch(`${url}/-/ready`).catch(() => undefined);
      return response?.ok === true || 'Prometheus does not answer';
    },
  });
  await processes.waitUntilReady('prometheus', 30_000);
  return {
    url,
    [Symbol.asyncDispose]: async () => {
      await processes.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

test('the dashboards of the cluster show the purchases of this machine, with the metrics that compose.yaml scrapes', async () => {
  await using shop = await startTestSystem();
  await using prometheus = await startPrometheus(await configFor(shop.system));
  const ada = await signIn(shop.storefront);
  const queries = await localQueries();
  expect([...queries.keys()]).toContain('purchases.json: Purchases per second');
  const hasData = async (query: string) => {
    const response = await fetch(`${prometheus.url}/api/v1/query?query=${encodeURIComponent(query)}`);
    return answerSchema.parse(await response.json()).data.result.length > 0;
  };
  let bought = 0;
  await waitUntil(async () => {
    // A rate needs two samples, and most queries need a purchase between them.
    bought += 1;
    await ada.buy({ sku: 'mug' });
    await ada.waitForRecords(bought);
    const empty: string[] = [];
    for (const [panel, local] of queries)
      if (!(await Promise.all(local.map(hasData))).includes(true)) empty.push(panel);
    return empty.length === 0 || `these panels have no data: ${empty.join(', ')}`;
  }, 60_000);
  expect(await hasData(`count(up == 1) == ${2 * Object.keys(appIds).length}`)).toBe(true);
}, 120_000);
