import { describe, expect, test } from '@jest/globals';
import type { Answer } from './fake-programs.js';
import { inOrder, readPieces } from '../infrastructure/pieces.js';
import { isChange, piecesIn, runWithFakePrograms } from './run-with-fake-programs.js';

const pieces = inOrder(await readPieces());

describe('uninstall-infrastructure.sh', () => {
  /** A cluster where everything is installed. */
  const everything: readonly Answer[] = [
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

  test('stops when it cannot list what is installed', async () => {
    const forbidden = { when: 'get scaledobjects', complaint: 'Forbidden', code: 1 };
    const { code, output, calls } = await runWithFakePrograms(
      'uninstall-infrastructure',
      ['--yes'],
      [forbidden],
    );
    expect(code).toBe(1);
    expect(output).toContain('FAILED: remove all scaling');
    expect(piecesIn(calls)).toEqual([]);
  });

  test('changes nothing in a dry run', async () => {
    const { code, calls } = await runWithFakePrograms('uninstall-infrastructure', ['--dry-run'], everything);
    expect(code).toBe(0);
    expect(calls.filter(isChange)).toEqual([]);
  });
});
