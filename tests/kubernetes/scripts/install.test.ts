import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { inOrder, infrastructure, readPieces } from '../infrastructure/pieces.js';
import { isChange, piecesIn, runWithFakePrograms } from './run-with-fake-programs.js';

const pieces = inOrder(await readPieces());
const names = pieces.map(({ name }) => name);

describe('install-infrastructure.sh', () => {
  test('installs charts.yaml wave by wave, each after the previous one is ready', async () => {
    const { code, output, calls } = await runWithFakePrograms('install-infrastructure');
    expect(code).toBe(0);
    expect(piecesIn(calls)).toEqual(names);
    for (const { name, namespace, repository, chart, version } of pieces.filter((piece) => piece.chart)) {
      const from = repository?.startsWith('oci://')
        ? `${repository}/${chart ?? ''}`
        : `${chart ?? ''} --repo ${repository ?? ''}`;
      const at = calls.findIndex((call) => call.startsWith(`helm upgrade --install ${name} `));
      expect(calls[at]).toContain(
        `${name} ${from} --version ${version ?? ''} --namespace ${namespace} --values `,
      );
      expect(calls[at]).toMatch(/ --wait --timeout 10m$/);
      expect(calls[at - 1]).toBe(`helm show crds ${from} --version ${version ?? ''}`);
      expect(calls[at + 1]).toContain(`wait --namespace ${namespace} --for=condition=Available deployment`);
    }
    expect(calls).toContain('kubectl wait --namespace kafka kafka/kafka --for condition=Ready --timeout 10m');
    expect(output).toContain('installed and ready');
  });

  test('repeats the same steps when it runs again', async () => {
    const first = await runWithFakePrograms('install-infrastructure');
    const second = await runWithFakePrograms('install-infrastructure');
    expect(second.calls).toEqual(first.calls);
    expect(second.code).toBe(0);
  });

  test('updates the definitions that Helm would leave unchanged', async () => {
    const { calls } = await runWithFakePrograms(
      'install-infrastructure',
      ['--only', 'dapr'],
      [{ when: 'helm show crds dapr', output: 'kind: CustomResourceDefinition' }],
    );
    const applied = calls.findIndex((call) => call.startsWith('kubectl apply --server-side'));
    expect(applied).toBeGreaterThan(0);
    expect(applied).toBeLessThan(calls.findIndex((call) => call.startsWith('helm upgrade')));
  });

  test.each(pieces.map((piece) => [piece.name, piece] as const))(
    'stops when %s cannot be installed, and says what to do',
    async (name, piece) => {
      const when = piece.chart
        ? `upgrade --install ${name} `
        : `--force-conflicts -k ${join(infrastructure, piece.folder ?? '')}`;
      const { code, output, calls } = await runWithFakePrograms(
        'install-infrastructure',
        [],
        [{ when, complaint: 'it is broken', code: 3 }],
      );
      expect(code).toBe(3);
      expect(piecesIn(calls)).toEqual(names.slice(0, names.indexOf(name) + 1));
      expect(output).toContain('it is broken');
      expect(output).toMatch(new RegExp(`FAILED \\(exit code 3\\): ${name} .*\n  Check it: kubectl`));
      expect(output).not.toContain('installed and ready');
    },
  );

  test.each([
    ['deployment --all', 'argocd'],
    ['wait --namespace kafka kafka/kafka', 'kafka'],
  ])('stops when %s fails, because the objects do not become ready', async (when, last) => {
    const { code, output, calls } = await runWithFakePrograms(
      'install-infrastructure',
      [],
      [{ when, complaint: 'timed out', code: 1 }],
    );
    expect(code).toBe(1);
    expect(piecesIn(calls).at(-1)).toBe(last);
    expect(output).not.toContain('installed and ready');
  });

  test('installs one replica of everything on a single node', async () => {
    const { calls } = await runWithFakePrograms('install-infrastructure', ['--single-node']);
    expect(
      calls
        .filter((call) => call.includes('-single-node'))
        .map((call) => /(\S+)-single-node/.exec(call)?.[1]?.split('/infrastructure/')[1]),
    ).toEqual([
      'argocd/values',
      'kube-prometheus-stack/values',
      'external-secrets/values',
      'dapr/values',
      'keda/values',
      'strimzi/values',
      'kafka',
      'mongodb',
    ]);
  });

  test.each([
    ['nodes without zones', { when: 'get nodes', output: 'a=\nb=zone-1\nc=\n' }, '1 nodes have the label'],
    [
      'an old kubectl',
      { when: 'version --client', output: 'Client Version: v1.30.2\n' },
      'kubectl 1.30 is too old',
    ],
  ])('refuses %s before it installs anything', async (_, answer, complaint) => {
    const { code, output, calls } = await runWithFakePrograms('install-infrastructure', [], [answer]);
    expect(code).toBe(1);
    expect(output).toContain(complaint);
    expect(piecesIn(calls)).toEqual([]);
  });

  test('needs no zones on a single node', async () => {
    const nodes = { when: 'get nodes', output: 'a=\n' };
    expect((await runWithFakePrograms('install-infrastructure', ['--single-node'], [nodes])).code).toBe(0);
  });

  test('installs only the named entries and lists the known ones', async () => {
    const { calls } = await runWithFakePrograms('install-infrastructure', ['--only', 'argocd,namespaces']);
    expect(piecesIn(calls)).toEqual(['namespaces', 'argocd']);
    const wrong = await runWithFakePrograms('install-infrastructure', ['--only', 'zookeeper']);
    expect(wrong.code).toBe(64);
    expect(wrong.output).toContain(names.toSorted().at(0));
  });

  test('validates everything on the API server in a dry run, changes nothing and skips missing definitions', async () => {
    const { code, output, calls } = await runWithFakePrograms(
      'install-infrastructure',
      ['--dry-run'],
      [{ when: 'upgrade --install keda', complaint: 'no matches for kind "PodMonitor"', code: 1 }],
    );
    expect(code).toBe(0);
    expect(calls.filter(isChange)).toEqual([]);
    expect(piecesIn(calls)).toEqual(names);
    expect(output.match(/not tried/g)).toHaveLength(1);
    expect(output).toContain('Nothing was changed.');
  });

  test('fails in a dry run when the API server refuses an object', async () => {
    const refused = {
      when: '/infrastructure/kafka',
      complaint: 'strict decoding error: unknown field',
      code: 1,
    };
    const { code, output } = await runWithFakePrograms('install-infrastructure', ['--dry-run'], [refused]);
    expect(code).toBe(1);
    expect(output).toContain('unknown field');
    expect(output).not.toContain('Nothing was changed.');
  });

  test('prints its plan in a dry run when no cluster answers', async () => {
    const { code, output, calls } = await runWithFakePrograms(
      'install-infrastructure',
      ['--dry-run'],
      [{ when: '/readyz', code: 1 }],
    );
    expect(code).toBe(0);
    expect(calls).toEqual(['kubectl get --raw /readyz --request-timeout=10s']);
    for (const name of names) expect(output).toContain(`==> ${name} `);
  });
});
