import { describe, expect, test } from '@jest/globals';
import type { Answer } from './fake-programs.js';
import { configured, valuesIn } from './configured-scripts.js';
import { healthyCluster } from './healthy-cluster.js';
import { runWithFakePrograms } from './run-with-fake-programs.js';

/** Runs the doctor from a checkout whose installation is configured. */
const runDoctor = (answers: readonly Answer[], env: Record<string, string> = {}) =>
  runWithFakePrograms('doctor', [], answers, { env, installation: configured });

describe('doctor.sh', () => {
  test('finds nothing to fix in a healthy cluster and only reads', async () => {
    const { code, output, calls } = await runDoctor(healthyCluster);
    expect(output.split('\n').filter((line) => /^(WARN|FAIL)/.test(line))).toEqual([]);
    expect(code).toBe(0);
    expect(calls.filter((call) => !/^kubectl (--context \S+ )?(get|config|version)\b/.test(call))).toEqual(
      [],
    );
  });

  test.each<[string, Answer, RegExp]>([
    [
      'an old Kubernetes',
      { when: '--raw /version', output: '{ "gitVersion": "v1.31.0" }' },
      /^FAIL {2}Kubernetes 1\.31$/m,
    ],
    ['two nodes', { when: 'get nodes', output: 'node/a\nnode/b\n' }, /^WARN {2}2 nodes$/m],
    ['no default storage', { when: 'get storageclasses', output: '' }, /^FAIL {2}no default StorageClass$/m],
    [
      'a missing definition',
      { when: 'crd components.dapr.io', output: '' },
      /^FAIL .*missing components\.dapr\.io$/m,
    ],
    [
      'a missing operator',
      { when: 'deployments --namespace keda', output: '' },
      /^FAIL {2}nothing runs in keda$/m,
    ],
    [
      'an operator that is not available',
      { when: 'deployments --namespace keda --output jsonpath', output: 'keda-operator=False\n' },
      /^FAIL .*not keda-operator$/m,
    ],
    [
      'no injector',
      { when: 'dapr-sidecar-injector --ignore-not-found', output: '' },
      /^FAIL {2}no injector for sidecars$/m,
    ],
    [
      'an injector without a CA bundle',
      { when: 'caBundle}', output: '' },
      /^FAIL {2}the injector is trusted/m,
    ],
    [
      'an injector that pods can bypass',
      { when: 'failurePolicy}', output: 'Ignore' },
      /^WARN {2}pods start without a sidecar/m,
    ],
    [
      'no external metrics',
      { when: 'get apiservices', output: 'False' },
      /^FAIL {2}autoscalers can query KEDA$/m,
    ],
    ['no product', { when: 'get namespace purchase-system', output: '' }, /^FAIL {2}there is no namespace/m],
    [
      'an installation that was never configured',
      {
        when: 'get configmap installation',
        output: valuesIn(configured).replaceAll(/(?:\w+\.)?shop\.test/g, 'shop.example.com'),
      },
      /^FAIL .*still example\.com in PUBLIC_URL, STAGING_URL, OIDC_ISSUER$/m,
    ],
    [
      'a value that was changed and not pushed',
      {
        when: 'get configmap installation',
        output: valuesIn(configured).replace('storefront', 'earlier-client'),
      },
      /^FAIL {2}the cluster has OIDC_CLIENT_ID=earlier-client, and this checkout storefront$/m,
    ],
    [
      'no values of an installation',
      { when: 'get configmap installation', output: '' },
      /^WARN {2}the cluster has no values of an installation$/m,
    ],
    [
      'another repository',
      { when: '{.spec.source.repoURL}', output: 'https://git.test/elsewhere.git' },
      /^FAIL {2}Argo CD follows https:\/\/git\.test\/elsewhere\.git$/m,
    ],
    [
      'an image that does not exist, or may not be pulled',
      {
        when: '{.state.waiting.reason}',
        output: 'registry.test/our/storefront:0.1.0 ImagePullBackOff\n',
      },
      /^FAIL {2}the image registry\.test\/our\/storefront:0\.1\.0 cannot be pulled$/m,
    ],
    [
      'no Gateway',
      { when: 'gateways.gateway.networking.k8s.io public', output: '' },
      /^FAIL {2}the Gateway public works$/m,
    ],
    [
      'a Gateway that does not accept the route',
      { when: '{.status.parents[*].conditions', output: 'False' },
      /^FAIL {2}the Gateway accepts the route/m,
    ],
    [
      'a gateway that the network policy does not admit',
      { when: 'get pods --namespace envoy-gateway-system', output: '' },
      /^FAIL {2}the network policy admits pods of a gateway$/m,
    ],
    ['no pods', { when: 'name=storefront --output', output: '' }, /^FAIL {2}no pods of storefront$/m],
    [
      'a pod without its sidecar',
      { when: 'name=storefront --output', output: 'storefront-1 True  storefront\n' },
      /^FAIL .*sidecar, but not storefront-1$/m,
    ],
    [
      'a pod that is not ready',
      { when: 'name=storefront --output', output: 'storefront-1 False daprd storefront\n' },
      /^FAIL .*ready, but not storefront-1$/m,
    ],
    [
      'a missing component',
      { when: 'components.dapr.io statestore', output: '' },
      /^FAIL {2}no Dapr component statestore$/m,
    ],
    ['a missing secret', { when: 'secret store-client', output: '' }, /^FAIL {2}no secret store-client$/m],
    [
      'a missing ScaledObject',
      { when: 'scaledobjects.keda.sh purchase-service', output: '' },
      /^FAIL {2}nothing scales purchase-service$/m,
    ],
    [
      'a ScaledObject that is not ready',
      {
        when: 'storefront --namespace purchase-system --ignore-not-found --output jsonpath={.status.conditions[?(@.type=="Ready")',
        output: 'False',
      },
      /^FAIL {2}ScaledObject storefront is ready$/m,
    ],
    [
      'a fallback',
      { when: '(@.type=="Fallback")', output: 'True' },
      /^FAIL {2}ScaledObject storefront has no metric/m,
    ],
    [
      'a pause',
      { when: '(@.type=="Paused")', output: 'True' },
      /^WARN {2}ScaledObject storefront is paused$/m,
    ],
    [
      'an autoscaler that cannot scale',
      { when: '(@.type=="AbleToScale")', output: 'False' },
      /^FAIL {2}the autoscaler of storefront can scale$/m,
    ],
    [
      'an autoscaler without a metric',
      { when: '(@.type=="ScalingActive")', output: 'False' },
      /^FAIL {2}the autoscaler of storefront gets/m,
    ],
    [
      'Kafka that is not ready',
      { when: 'kafkas.kafka.strimzi.io kafka --namespace kafka --output jsonpath', output: 'False' },
      /^FAIL {2}Kafka is ready$/m,
    ],
    [
      'too few nodes with a zone',
      { when: 'get nodes --selector topology.kubernetes.io/zone', output: 'node/a\n' },
      /^FAIL {2}Kafka's brokers can start on 1 nodes$/m,
    ],
    [
      'fewer partitions than replicas',
      { when: '{.spec.partitions}', output: '9' },
      /^FAIL {2}purchase-events has 9 partitions for up to 10/m,
    ],
    [
      'MongoDB that is not running',
      { when: '{.status.phase}', output: 'Pending' },
      /^FAIL {2}MongoDB is Pending$/m,
    ],
    [
      'no backup',
      { when: '{.status.lastSuccessfulTime}', output: '' },
      /^WARN {2}MongoDB was never backed up$/m,
    ],
    [
      'alerts without a receiver',
      { when: 'secret alert-receiver', output: '' },
      /^WARN {2}alerts reach no one, because the Secret alert-receiver or its key url is missing$/m,
    ],
    ['a pending volume', { when: 'get pvc', output: 'kafka/data-0\n' }, /^FAIL .*not kafka\/data-0$/m],
    [
      'an Application that is out of sync',
      { when: 'get applications.argoproj.io', output: 'keda OutOfSync Healthy\n' },
      /^FAIL .*not keda OutOfSync Healthy$/m,
    ],
    [
      'a broker that may lose purchases',
      { when: '--output jsonpath={.spec.type}', output: 'pubsub.rabbitmq' },
      /^FAIL {2}RabbitMQ may lose purchases that were accepted$/m,
    ],
  ])('finds %s, and says what to do next', async (_, answer, complaint) => {
    const { code, output } = await runDoctor([answer, ...healthyCluster]);
    expect(output).toMatch(complaint);
    // The line below each problem says what to do.
    for (const [, next] of output.matchAll(/^(?:WARN|FAIL) .*\n(.*)/gm)) expect(next).toMatch(/^ {6}\S/);
    if (complaint.source.startsWith('^FAIL')) expect(code).toBe(1);
  });

  test('accepts a broker that may lose purchases if the environment allows it, and says so', async () => {
    const rabbitmq = { when: '--output jsonpath={.spec.type}', output: 'pubsub.rabbitmq' };
    const answers = [rabbitmq, ...healthyCluster];
    const { output } = await runDoctor(answers, { ALLOW_LOST_PURCHASES: 'true' });
    expect(output).toMatch(/^WARN {2}RabbitMQ may lose purchases that were accepted$/m);
    expect(output).not.toMatch(/^FAIL {2}RabbitMQ/m);
  });

  test('says that no cluster answers, and what to do', async () => {
    const { code, output } = await runWithFakePrograms('doctor', [], [{ when: '/readyz', code: 1 }]);
    expect(code).toBe(1);
    expect(output).toMatch(/^FAIL {2}the API server does not answer\n {6}Check the context/m);
  });
});
