import { stringify } from 'yaml';
import type { Manifest } from '../render.js';

type PodMonitorSpec = {
  jobLabel: string;
  selector: { matchLabels: Record<string, string> };
  podMetricsEndpoints: { port: string; path: string; interval: string }[];
};

/**
 * Prometheus' configuration for a PodMonitor, as Prometheus' operator writes it: who is asked comes from the API server,
 * and the labels from the pods. Only what our PodMonitors use is translated.
 */
export function prometheusConfig(podMonitor: Manifest, namespace: string, kubeconfig: string): string {
  const { jobLabel, selector, podMetricsEndpoints } = podMonitor['spec'] as PodMonitorSpec;
  return stringify({
    scrape_configs: podMetricsEndpoints.map(({ port, path, interval }, index) => ({
      job_name: `podMonitor/${namespace}/${podMonitor.metadata.name}/${index}`,
      honor_labels: false,
      metrics_path: path,
      scrape_interval: interval,
      kubernetes_sd_configs: [
        { role: 'pod', kubeconfig_file: kubeconfig, namespaces: { names: [namespace] } },
      ],
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

function podLabel(name: string): string {
  return `__meta_kubernetes_pod_label_${name.replaceAll(/[^A-Za-z0-9_]/g, '_')}`;
}
