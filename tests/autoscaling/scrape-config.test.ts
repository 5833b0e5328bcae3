import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import type { Manifest } from '../kubernetes/rendering/render.js';
import { prometheusConfig, targetsOf } from './scrape-config.js';

const discovery = { file_sd_configs: [{ files: ['/targets.json'] }] };

const podMonitor = (more: object = {}): Manifest => ({
  apiVersion: 'monitoring.coreos.com/v1',
  kind: 'PodMonitor',
  metadata: { name: 'storefront' },
  spec: {
    jobLabel: 'app.kubernetes.io/name',
    selector: { matchLabels: { 'app.kubernetes.io/name': 'storefront' } },
    podMetricsEndpoints: [{ port: 'management', path: '/metrics', interval: '15s', ...more }],
  },
});

test('a PodMonitor becomes a scrape configuration with its pod labels and interval', () => {
  const config = parse(prometheusConfig(podMonitor(), 'shop', discovery)) as unknown;

  expect(config).toMatchObject({
    scrape_configs: [
      {
        scrape_interval: '15s',
        relabel_configs: expect.arrayContaining([
          {
            source_labels: ['__meta_kubernetes_pod_label_app_kubernetes_io_name'],
            action: 'keep',
            regex: 'storefront',
          },
          {
            source_labels: ['__meta_kubernetes_pod_container_port_name'],
            action: 'keep',
            regex: 'management',
          },
        ]) as unknown,
      },
    ],
  });
});

test('a PodMonitor with an untranslated field is refused', () => {
  expect(() => prometheusConfig(podMonitor({ relabelings: [] }), 'shop', discovery)).toThrow('relabelings');
});

test('a pod is a target on each of its ports, with its labels', () => {
  const pod = {
    name: 'storefront-1',
    ip: '127.77.0.2',
    labels: { 'app.kubernetes.io/name': 'storefront' },
    ports: [{ container: 'storefront', name: 'management', number: 8081 }],
  };

  expect(JSON.parse(targetsOf([pod], 'shop'))).toEqual([
    {
      targets: ['127.77.0.2:8081'],
      labels: expect.objectContaining({
        __meta_kubernetes_namespace: 'shop',
        __meta_kubernetes_pod_container_port_name: 'management',
        __meta_kubernetes_pod_label_app_kubernetes_io_name: 'storefront',
      }) as unknown,
    },
  ]);
});
