import { stringify } from 'yaml';
import { z } from 'zod';
import type { Manifest } from '../kubernetes/rendering/render.js';
import type { Pod } from './pods.js';

/** The translated fields of a PodMonitor. Strict, because other fields would be lost silently. */
const podMonitorSpec = z.strictObject({
  jobLabel: z.string(),
  selector: z.strictObject({ matchLabels: z.record(z.string(), z.string()) }),
  podMetricsEndpoints: z.array(z.strictObject({ port: z.string(), path: z.string(), interval: z.string() })),
});

/** How Prometheus finds pods. Debian's lacks the discovery by Kubernetes' API, so a file lists them. */
export type Discovery =
  | { file_sd_configs: readonly { files: readonly string[] }[] }
  | { kubernetes_sd_configs: readonly { role: 'pod'; namespaces: { names: readonly string[] } }[] };

/**
 * Prometheus' configuration for a PodMonitor, as the Prometheus operator writes it, except for how Prometheus finds pods. Throws for
 * a PodMonitor with other fields.
 */
export function prometheusConfig(podMonitor: Manifest, namespace: string, discovery: Discovery): string {
  const { jobLabel, selector, podMetricsEndpoints } = podMonitorSpec.parse(podMonitor['spec']);
  return stringify({
    scrape_configs: podMetricsEndpoints.map(({ port, path, interval }, index) => ({
      job_name: `podMonitor/${namespace}/${podMonitor.metadata.name}/${index}`,
      honor_labels: false,
      metrics_path: path,
      scrape_interval: interval,
      ...discovery,
      relabel_configs: [
        { source_labels: ['__meta_kubernetes_pod_phase'], action: 'drop', regex: '(Failed|Succeeded)' },
        ...Object.entries(selector.matchLabels).map(([label, value]) => ({
          source_labels: [podLabel(label)],
          action: 'keep',
          regex: value,
        })),
        { source_labels: ['__meta_kubernetes_pod_container_port_name'], action: 'keep', regex: port },
        { source_labels: ['__meta_kubernetes_namespace'], target_label: 'namespace' },
        { source_labels: ['__meta_kubernetes_pod_container_name'], target_label: 'container' },
        { source_labels: ['__meta_kubernetes_pod_name'], target_label: 'pod' },
        { source_labels: [podLabel(jobLabel)], target_label: 'job', regex: '(.+)' },
      ],
    })),
  });
}

/** The targets that Prometheus' Kubernetes discovery would find: one per port, with the pod's metadata as labels. */
export function targetsOf(pods: readonly Pod[], namespace: string): string {
  return JSON.stringify(
    pods.flatMap((pod) =>
      pod.ports.map((port) => ({
        targets: [`${pod.ip}:${port.number}`],
        labels: {
          __meta_kubernetes_namespace: namespace,
          __meta_kubernetes_pod_name: pod.name,
          __meta_kubernetes_pod_phase: 'Running',
          __meta_kubernetes_pod_container_name: port.container,
          __meta_kubernetes_pod_container_port_name: port.name,
          ...Object.fromEntries(Object.entries(pod.labels).map(([name, value]) => [podLabel(name), value])),
        },
      })),
    ),
  );
}

function podLabel(name: string): string {
  return `__meta_kubernetes_pod_label_${name.replaceAll(/[^A-Za-z0-9_]/g, '_')}`;
}
