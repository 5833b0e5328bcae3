import { describe, expect, test } from '@jest/globals';
import type { Answer } from './fake-programs.js';
import { inOrder, readPieces } from '../infrastructure/pieces.js';
import { manifestsBelow } from '../rendering/manifest-files.js';
import { isChange, piecesIn, runWithFakePrograms } from './run-with-fake-programs.js';

const pieces = inOrder(await readPieces());

describe('uninstall-infrastructure.sh', () => {
  /** A cluster where everything is installed. */
  const everything: readonly Answer[] = [
    { when: 'helm list', output: 'release\n' },
    { when: '(@.type=="Available")', output: 'True' },
    { when: '--output jsonpath={.status.clusterId}', output: 'cluster-1' },
    {
      when: 'get crd --output name',
      output:
        'customresourcedefinition.apiextensions.k8s.io/components.dapr.io\ncustomresourcedefinition.apiextensions.k8s.io/scaledobjects.keda.sh\n',
    },
    { when: 'get components.dapr.io --all-namespaces', output: 'component/of-somebody-else' },
    { when: 'get pvc --namespace kafka', output: 'persistentvolumeclaim/data-0-kafka-broker-0\n' },
    { when: 'get pvc --namespace mongodb', output: 'persistentvolumeclaim/data-volume-mongodb-0\n' },
    { when: 'get pvc', output: '' },
    { when: 'scaledobjects.keda.sh --all-namespaces --ignore-not-found --output name', output: '' },
    { when: '--output name', output: 'object/found\n' },
  ];
  /** The ScaledObjects, before they are deleted. */
  const scaled: Answer = { when: 'get scaledobjects.keda.sh --all-namespaces', output: 'object/found\n' };
  /** Namespaces are deleted one by one at the end, because some have volumes. */
  const reversed = pieces
    .map(({ name }) => name)
    .filter((name) => name !== 'namespaces')
    .toReversed();

  test('refuses without --yes', async () => {
    const { code, output, calls } = await runWithFakePrograms('uninstall-infrastructure', [], everything);
    expect({ code, calls }).toEqual({ code: 64, calls: [] });
    expect(output).toContain('--yes');
  });

  test('uninstalls in exactly the reverse order, scaled and operated objects first', async () => {
    const { code, calls } = await runWithFakePrograms(
      'uninstall-infrastructure',
      ['--yes'],
      [scaled, ...everything],
    );
    expect(code).toBe(0);
    expect(piecesIn(calls)).toEqual(reversed);
    const at = (part: string): number => calls.findIndex((call) => call.startsWith(`kubectl ${part}`));
    const before = [
      at('delete applications.argoproj.io root'),
      at('delete scaledobjects.keda.sh'),
      at('delete namespace purchase-system'),
      at('annotate kafkatopics.kafka.strimzi.io --all --namespace kafka strimzi.io/managed=false'),
      at('delete kafkatopics.kafka.strimzi.io'),
      at('delete kafkausers.kafka.strimzi.io'),
      calls.findIndex((call) => /delete -k|helm uninstall/.test(call)),
    ];
    expect(before).not.toContain(-1);
    expect(before).toEqual(before.toSorted((one, other) => one - other));
  });

  test('keeps volumes, their namespaces and shared definitions, and says so', async () => {
    const { output, calls } = await runWithFakePrograms('uninstall-infrastructure', ['--yes'], everything);
    expect(calls.filter((call) => /delete (pvc|namespace .*(kafka|mongodb) )/.test(call))).toEqual([]);
    expect(calls.filter((call) => call.includes('delete -k'))).toHaveLength(2);
    for (const call of calls.filter((each) => each.includes('delete -k')))
      expect(call).toContain('--selector kept-at-uninstall!=true');
    expect(calls.some((call) => call.startsWith('kubectl delete crd components.dapr.io'))).toBe(false);
    expect(calls.some((call) => call.startsWith('kubectl delete crd scaledobjects.keda.sh'))).toBe(true);
    expect(output).toContain('kafka/persistentvolumeclaim/data-0-kafka-broker-0');
    expect(output).toContain('cluster id cluster-1');
    expect(output).toMatch(/==> left[^]*components\.dapr\.io/);
  });

  test('deletes the volumes, too, when asked', async () => {
    const { calls } = await runWithFakePrograms('uninstall-infrastructure', ['--yes', '--purge'], everything);
    for (const { namespace } of pieces.filter(({ folder: path }) => path && path !== 'namespaces')) {
      expect(calls.some((call) => call.startsWith(`kubectl delete pvc --all --namespace ${namespace}`))).toBe(
        true,
      );
      expect(calls.findLast((call) => call.startsWith('kubectl delete namespace'))).toContain(
        ` ${namespace} `,
      );
    }
    expect(calls.some((call) => call.includes('managed=false') || call.includes('kept-at-uninstall'))).toBe(
      false,
    );
  });

  test('deletes what charts render where Argo CD installed them without releases, for three nodes and for one', async () => {
    const answers = [
      { when: 'helm list', output: '' },
      {
        when: 'helm template',
        output: '---\nkind: Deployment\n---\nkind: RoleBinding\nmetadata:\n  namespace: kube-system\n',
      },
      ...everything,
    ];
    const { code, calls } = await runWithFakePrograms('uninstall-infrastructure', ['--yes'], answers);
    expect(code).toBe(0);
    expect(calls.filter((call) => call.startsWith('helm uninstall'))).toEqual([]);
    for (const { name, namespace, version = '' } of pieces.filter(({ chart }) => chart)) {
      const at = calls.findIndex((call) => call.startsWith(`helm template ${name} `));
      expect(calls[at]).toContain(` --version ${version} --namespace ${namespace} --api-versions `);
      expect(calls[at]).toContain(`/infrastructure/${name}/values.yaml`);
      expect(calls[at + 1]).toMatch(new RegExp(`^kubectl delete --namespace ${namespace} --filename - `));
      // What the chart puts into another namespace.
      expect(calls[at + 2]).toMatch(/^kubectl delete --filename - /);
    }
    expect(calls.some((call) => /^helm template strimzi .*values-single-node\.yaml$/.test(call))).toBe(true);
    // Definitions go last, because pieces have objects of other pieces' definitions.
    const definitions = calls.findIndex((call) => call.startsWith('kubectl delete crd'));
    expect(definitions).toBeGreaterThan(
      calls.findLastIndex((call) => /--filename|delete (-k|namespace)/.test(call)),
    );
  });

  test('removes the finalizers of an operator that does not run, and the interface that nobody serves', async () => {
    const answers = [
      { when: '(@.type=="Available")', output: 'False' },
      {
        when: 'kafkatopics.kafka.strimzi.io --namespace kafka --output jsonpath',
        output: 'kafka purchase-events\n',
      },
      {
        when: 'externalsecrets.external-secrets.io --namespace purchase-system --output jsonpath',
        output: 'purchase-system broker-client\n',
      },
      {
        when: 'triggerauthentications.keda.sh --namespace purchase-system --output jsonpath',
        output: 'purchase-system broker\n',
      },
      scaled,
      ...everything,
    ];
    const { code, calls } = await runWithFakePrograms('uninstall-infrastructure', ['--yes'], answers);
    expect(code).toBe(0);
    const at = (part: string): number => calls.findIndex((call) => call.startsWith(`kubectl ${part}`));
    expect(at('delete apiservices v1beta1.external.metrics.k8s.io')).toBeGreaterThan(-1);
    expect(at('delete apiservices')).toBeLessThan(at('delete namespace purchase-system'));
    expect(calls).toContain(
      'kubectl patch kafkatopics.kafka.strimzi.io purchase-events --namespace kafka --type merge --patch {"metadata":{"finalizers":null}}',
    );
    // Otherwise the namespace would wait for them.
    for (const object of [
      'externalsecrets.external-secrets.io broker-client',
      'triggerauthentications.keda.sh broker',
    ]) {
      expect(at(`patch ${object} --namespace purchase-system`)).toBeGreaterThan(-1);
      expect(at(`patch ${object}`)).toBeLessThan(at('delete namespace purchase-system'));
    }
  });

  test("keeps MongoDB's own passwords with its volumes", async () => {
    const { calls } = await runWithFakePrograms('uninstall-infrastructure', ['--yes'], everything);
    for (const secret of ['mongodb-agent-password', 'mongodb-keyfile'])
      expect(calls).toContain(
        `kubectl patch secret ${secret} --namespace mongodb --type merge --patch {"metadata":{"ownerReferences":null}}`,
      );
  });

  test('says that nothing is installed on an empty cluster', async () => {
    const { code, output, calls } = await runWithFakePrograms('uninstall-infrastructure', ['--yes']);
    expect(code).toBe(0);
    expect(
      calls.filter((call) => call.startsWith('kubectl delete')).every((call) => call.includes('-k ')),
    ).toBe(true);
    expect(output).toMatch(/==> left\n {4}nothing\n$/);
  });

  test.each([
    ['delete scaledobjects.keda.sh', 'remove all scaling', 0],
    ['uninstall strimzi', 'strimzi', 4],
    ['delete -k', 'mongodb', 1],
  ])('stops when %s fails, and names the step', async (when, step, done) => {
    const { code, output, calls } = await runWithFakePrograms(
      'uninstall-infrastructure',
      ['--yes'],
      [{ when, complaint: 'error: timed out waiting\n', code: 1 }, scaled, ...everything],
    );
    expect(code).toBe(1);
    expect(output).toMatch(new RegExp(`FAILED \\(exit code 1\\): ${step}`));
    expect(output).not.toContain('==> left');
    expect(piecesIn(calls)).toEqual(reversed.slice(0, done));
  });

  test.each([
    ['get scaledobjects', 'remove all scaling'],
    ['get deployment keda-operator --namespace keda --output jsonpath', 'remove all scaling'],
    [
      'get apiservices v1beta1.external.metrics.k8s.io --output jsonpath',
      'remove an interface that nobody serves',
    ],
    [
      'get kafkas.kafka.strimzi.io kafka --namespace kafka --output jsonpath',
      'remove topics and users of Kafka',
    ],
    ['helm list --namespace kafka', 'strimzi'],
    ['get crd --output name', 'remove definitions that nothing uses'],
    ['get components.dapr.io --all-namespaces', 'remove definitions that nothing uses'],
  ])('stops when "%s" is refused, instead of assuming that nothing is there', async (when, step) => {
    const { code, output, calls } = await runWithFakePrograms(
      'uninstall-infrastructure',
      ['--yes'],
      [{ when, complaint: 'Forbidden', code: 1 }, scaled, ...everything],
    );
    expect(code).toBe(1);
    expect(output).toContain(`FAILED: ${step}`);
    expect(output).not.toContain('==> left');
    expect(
      calls.filter((call) => /^helm template|^kubectl (patch scaled|delete (apiservices|crd))/.test(call)),
    ).toEqual([]);
  });

  test('deletes everything that the product has outside of its namespace', async () => {
    const { calls } = await runWithFakePrograms('uninstall-infrastructure', ['--yes'], everything);
    // Topics and users have a step of their own. Those of RabbitMQ belong to its installation.
    const elsewhere = [...(await manifestsBelow('base')), ...(await manifestsBelow('components'))].filter(
      ({ kind, metadata }) =>
        metadata.namespace !== 'purchase-system' &&
        /^((Cluster)?Role(Binding)?|ValidatingAdmissionPolicy(Binding)?|ImageValidatingPolicy)$/.test(kind),
    );
    expect(elsewhere.length).toBeGreaterThanOrEqual(5 + 4);
    const deleted = calls.filter((call) => call.startsWith('kubectl delete '));
    for (const { kind, metadata } of elsewhere) {
      const plural = kind.toLowerCase().replace(/y$/, 'ie');
      expect(
        deleted.filter(
          (call) =>
            call.startsWith(`kubectl delete ${plural}s.`) &&
            (call.includes(` ${metadata.name} `) || call.includes(`=${metadata.name} `)),
        ),
      ).not.toEqual([]);
    }
  });

  test('changes nothing in a dry run', async () => {
    const { code, calls } = await runWithFakePrograms('uninstall-infrastructure', ['--dry-run'], everything);
    expect(code).toBe(0);
    expect(calls.filter(isChange)).toEqual([]);
  });
});
