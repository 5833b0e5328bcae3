import { describe, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { projectRoot } from '../../project-root.js';
import { readComposeFile } from '../../testing/compose-file.js';
import { readRunFile } from '../run-file/read-run-file.js';

const { services, configs } = await readComposeFile();

const readConfig = async (name: string): Promise<unknown> =>
  parse(await readFile(join(projectRoot, configs[name]?.file ?? ''), 'utf8'));

const prometheusSchema = z.object({
  scrape_configs: z.array(
    z.object({
      job_name: z.string(),
      static_configs: z.array(z.object({ targets: z.array(z.string()) })),
    }),
  ),
});

const datasourcesSchema = z.object({ datasources: z.array(z.object({ type: z.string(), url: z.string() })) });

/** The addresses at which the services of the profile listen. */
const listening = [
  ...Object.values(services).flatMap(({ command }) =>
    command.flatMap((argument) => /^--web\.listen-address=(.+)$/.exec(argument)?.[1] ?? []),
  ),
  `${services['grafana']?.environment['GF_SERVER_HTTP_ADDR'] ?? ''}:${services['grafana']?.environment['GF_SERVER_HTTP_PORT'] ?? ''}`,
  ...(services['jaeger']?.ports ?? []).map((mapping) => mapping.split(':').slice(0, 2).join(':')),
];

describe('the profile `observe` of compose.yaml', () => {
  test('scrapes the services and sidecars of dapr.yaml', async () => {
    const { apps } = await readRunFile(join(projectRoot, 'dapr.yaml'));
    const { scrape_configs: jobs } = prometheusSchema.parse(await readConfig('prometheus'));
    const targetsOf = Object.fromEntries(
      jobs.map((job) => [job.job_name, job.static_configs.flatMap(({ targets }) => targets).toSorted()]),
    );
    expect(targetsOf).toEqual({
      ...Object.fromEntries(apps.map(({ appId, appPort }) => [appId, [`127.0.0.1:${appPort}`]])),
      'dapr-sidecar': apps.map(({ metricsPort }) => `127.0.0.1:${metricsPort}`).toSorted(),
    });
  });

  test('listens on this machine only, at ports that nothing else uses', async () => {
    const { apps } = await readRunFile(join(projectRoot, 'dapr.yaml'));
    const taken = [
      ...apps.flatMap((app) => [app.appPort, app.metricsPort, app.daprHttpPort, app.daprGrpcPort]),
      ...Object.values(services)
        .filter(({ profiles }) => !profiles.includes('observe'))
        .flatMap(({ ports }) => ports.map((mapping) => mapping.split(':')[1])),
    ].map((port) => `127.0.0.1:${port ?? ''}`);
    expect(listening).toHaveLength(5);
    for (const address of listening) {
      expect(address).toMatch(/^127\.0\.0\.1:\d+$/);
      expect(taken).not.toContain(address);
    }
  });

  test('shows the metrics and traces at the addresses where they are', async () => {
    const { datasources } = datasourcesSchema.parse(await readConfig('grafana-datasources'));
    expect(datasources.map(({ type }) => type)).toEqual(['prometheus', 'jaeger']);
    for (const { url } of datasources) expect(listening).toContain(new URL(url).host);
  });
});
