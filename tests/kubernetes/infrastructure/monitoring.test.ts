import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { manifests } from '../rendering/render.js';
import { readValues } from './chart-values.js';
import { infrastructure } from './pieces.js';

const values = await readValues(join(infrastructure, 'kube-prometheus-stack/values.yaml'));

test('every alert has a receiver, critical ones soon and again after an hour', () => {
  expect(values).toMatchObject({
    alertmanager: {
      config: {
        route: {
          receiver: 'operators',
          routes: [
            { receiver: 'null' },
            { receiver: 'null' },
            { receiver: 'operators', matchers: ['severity = "critical"'], repeat_interval: '1h' },
          ],
        },
        receivers: [
          { name: 'null' },
          { name: 'operators', webhook_configs: [{ url_file: '/etc/alertmanager/receiver/url' }] },
        ],
      },
      // Alertmanager starts without the Secret; doctor.sh then says that alerts reach no one.
      alertmanagerSpec: {
        volumes: [{ name: 'receiver', secret: { secretName: 'alert-receiver', optional: true } }],
        volumeMounts: [{ name: 'receiver', mountPath: '/etc/alertmanager/receiver' }],
      },
    },
  });
});

type Route = { receiver: string; matchers: string[] };

/** The receiver of an alert: that of the first route that matches, or the default one. */
function receiverOf(alert: Record<string, string>): string {
  const { config } = values['alertmanager'] as unknown as {
    config: { route: { receiver: string; routes: Route[] } };
  };
  const { route } = config;
  const matches = (matcher: string): boolean => {
    const [, label = '', operator = '', value = ''] = /^(\w+) (=|=~) "(.*)"$/.exec(matcher) ?? [];
    if (operator === '') throw new Error(`unknown matcher ${matcher}`);
    return operator === '=' ? alert[label] === value : new RegExp(`^(?:${value})$`).test(alert[label] ?? '');
  };
  return (route.routes.find(({ matchers }) => matchers.every(matches)) ?? route).receiver;
}

test('an alert about failing notifications is not sent to the receiver that fails, where it would keep itself firing', () => {
  for (const alertname of ['AlertmanagerFailedToSendAlerts', 'AlertmanagerClusterFailedToSendAlerts'])
    for (const severity of ['warning', 'critical']) expect(receiverOf({ alertname, severity })).toBe('null');
  expect(receiverOf({ alertname: 'AlertmanagerMembersInconsistent', severity: 'critical' })).toBe(
    'operators',
  );
  expect(receiverOf({ alertname: 'BackupOverdue', severity: 'warning' })).toBe('operators');
  expect(receiverOf({ alertname: 'Watchdog', severity: 'none' })).toBe('null');
});

test('Prometheus keeps samples longer than the period of the budgets', async () => {
  const { prometheus } = values as {
    prometheus: { prometheusSpec: { retention: string; retentionSize: string; storageSpec: unknown } };
  };
  const days = Number(/^(\d+)d$/.exec(prometheus.prometheusSpec.retention)?.[1]);
  const rules = await readFile(join(manifests, 'components/observability/slo-rules.yaml'), 'utf8');
  expect(rules).toContain('over thirty days');
  const dashboard = await readFile(
    join(manifests, 'components/observability/dashboards/platform.json'),
    'utf8',
  );
  const longest = Math.max(...[...dashboard.matchAll(/\[(\d+)d\]/g)].map(([, count]) => Number(count)));
  expect(longest).toBe(30);
  expect(days).toBeGreaterThan(longest);
  // The size must fit into the volume, or it would be full first.
  const size = Number(/^(\d+)GB$/.exec(prometheus.prometheusSpec.retentionSize)?.[1]);
  const volume = Number(
    /"storage":"(\d+)Gi"/.exec(JSON.stringify(prometheus.prometheusSpec.storageSpec))?.[1],
  );
  expect(size).toBeLessThan(volume);
});

test('nothing that managed clusters hide or lack is watched, because its alerts would fire for ever', () => {
  for (const part of ['kubeControllerManager', 'kubeScheduler', 'kubeEtcd', 'kubeProxy', 'coreDns'])
    expect([part, values[part]]).toEqual([part, { enabled: false }]);
});

test("Grafana's password stays, although the chart renders a new one with every commit", async () => {
  const { spec } = parse(
    await readFile(join(manifests, 'argocd/apps/kube-prometheus-stack.yaml'), 'utf8'),
  ) as {
    spec: { ignoreDifferences: unknown[]; syncPolicy: { syncOptions: string[] } };
  };
  expect(spec.ignoreDifferences).toContainEqual({
    kind: 'Secret',
    name: 'kube-prometheus-stack-grafana',
    namespace: 'monitoring',
    jsonPointers: ['/data/admin-password'],
  });
  expect(JSON.stringify(spec.ignoreDifferences)).toContain('checksum/secret');
  expect(spec.syncPolicy.syncOptions).toContain('RespectIgnoreDifferences=true');
});

test('the operator of the MongoDB store sends no usage data', async () => {
  expect(await readValues(join(infrastructure, 'mongodb-operator/values.yaml'))).toMatchObject({
    operator: { telemetry: { enabled: false } },
  });
});
