/** Metrics of other programs that our rules and dashboards read, by the source that defines them. */
const origins = {
  'Prometheus: recorded for every scrape': ['up'],
  'kube-state-metrics 2: docs/metrics': [
    'kube_pod_container_status_restarts_total',
    'kube_pod_init_container_status_restarts_total',
    'kube_pod_status_ready',
    'kube_pod_status_phase',
    'kube_horizontalpodautoscaler_spec_min_replicas',
    'kube_horizontalpodautoscaler_spec_max_replicas',
    'kube_horizontalpodautoscaler_status_current_replicas',
    'kube_horizontalpodautoscaler_status_desired_replicas',
    'kube_cronjob_status_last_successful_time',
    'kube_cronjob_created',
    'kube_deployment_spec_replicas',
    'kube_deployment_status_replicas_available',
    'kube_statefulset_replicas',
    'kube_statefulset_status_replicas_ready',
  ],
  'kafka_exporter 1.9, in Strimzi’s image: kafka_exporter.go': [
    'kafka_brokers',
    'kafka_consumergroup_lag',
    'kafka_topic_partition_current_offset',
    'kafka_topic_partition_under_replicated_partition',
  ],
  'Strimzi 1.2: KafkaAssemblyOperatorMetricsHolder.java, dots as underscores': [
    'strimzi_certificate_expiration_timestamp_ms',
  ],
  'external-secrets 2.9: pkg/controllers/externalsecret/esmetrics/esmetrics.go': [
    'externalsecret_status_condition',
  ],
  'kubelet: pkg/kubelet/metrics/collectors/volume_stats.go': [
    'kubelet_volume_stats_available_bytes',
    'kubelet_volume_stats_capacity_bytes',
  ],
  'KEDA 2.20: pkg/metricscollector/prommetrics.go': [
    'keda_scaler_metrics_value',
    'keda_scaler_detail_errors_total',
    'keda_scaled_object_paused',
  ],
  'Dapr 1.18: pkg/diagnostics/component_monitoring.go, slashes as underscores': [
    'dapr_component_pubsub_egress_count',
    'dapr_component_pubsub_egress_bulk_count',
    'dapr_component_pubsub_ingress_count',
    'dapr_component_state_count',
    'dapr_component_state_latencies_bucket',
  ],
  'Dapr 1.18: pkg/sentry/monitoring/metrics.go': ['dapr_sentry_issuercert_expiry_timestamp'],
};

export const foreignMetrics: ReadonlySet<string> = new Set(Object.values(origins).flat());
