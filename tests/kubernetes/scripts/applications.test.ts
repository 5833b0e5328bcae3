import { describe, expect, test } from '@jest/globals';
import { readApplications, waveOf } from '../argocd/applications.js';
import type { Answer } from './fake-programs.js';
import { configured } from './configured-scripts.js';
import { isChange, runWithFakePrograms } from './run-with-fake-programs.js';

/** Runs the script from a checkout whose installation is configured. */
const runApplications = (args: readonly string[] = [], answers: readonly Answer[] = []) =>
  runWithFakePrograms('apply-applications', args, answers, { installation: configured });

describe('apply-applications.sh', () => {
  const argocd: Answer = { when: 'get crd applications.argoproj.io', output: 'crd/found' };

  test('applies projects and root of the cluster and waits for the Applications in wave order', async () => {
    const { code, output, calls } = await runApplications([], [argocd]);
    expect(code).toBe(0);
    expect(calls.filter(isChange).map((call) => /-k \S*\/k8s\/(\S+)/.exec(call)?.[1])).toEqual([
      'argocd/clusters/prod',
    ]);
    const waited = calls.flatMap(
      (call) => /applications\.argoproj\.io\/(\S+) --for jsonpath=\{\.status\.health/.exec(call)?.[1] ?? [],
    );
    const applications = await readApplications('prod');
    expect(waited.slice(0, -1).toSorted()).toEqual([...applications.keys()].toSorted());
    expect(waited.at(-1)).toBe('root');
    const waves = waited.slice(0, -1).flatMap((name) => {
      const application = applications.get(name);
      return application ? waveOf(application) : [];
    });
    expect(waves).toEqual(waves.toSorted((one, other) => one - other));
    expect(output).toContain('Every Application is Synced and Healthy');
  });

  test('names the unhealthy Application and fails', async () => {
    const { code, output } = await runApplications(
      [],
      [
        argocd,
        {
          when: 'applications.argoproj.io/kafka --for jsonpath={.status.health',
          complaint: 'timed out',
          code: 1,
        },
        { when: 'custom-columns', output: 'kafka Synced Degraded disk full\n' },
      ],
    );
    expect(code).toBe(1);
    expect(output).toContain('FAILED: kafka is not Synced and Healthy after 30m');
    expect(output).toContain('disk full');
    expect(output).not.toContain('Every Application is');
  });

  test('starts each sync again that had ended with a failure, and no other', async () => {
    const { code, calls } = await runApplications(
      [],
      [
        argocd,
        {
          when: '{.status.operationState.phase}',
          output: 'kafka Failed\nkeda Error\ndapr Running\nroot Succeeded\n',
        },
        { when: '{.spec.syncPolicy.syncOptions}', output: '["ServerSideApply=true"]' },
      ],
    );
    expect(code).toBe(0);
    const started = calls.filter((call) => call.includes(' patch '));
    expect(started.map((call) => /applications\.argoproj\.io (\S+)/.exec(call)?.[1])).toEqual([
      'kafka',
      'keda',
    ]);
    // Argo CD takes neither of them from the Application when a sync is requested.
    for (const call of started)
      expect(call).toContain('"sync":{"prune":true,"syncOptions":["ServerSideApply=true"]}');
  });

  test('does nothing without Argo CD and says how to install it', async () => {
    const { code, output, calls } = await runApplications();
    expect(code).toBe(1);
    expect(calls.filter(isChange)).toEqual([]);
    expect(output).toContain('install-infrastructure.sh --only namespaces,argocd');
  });

  test('changes nothing and waits for nothing in a dry run', async () => {
    const { code, calls } = await runApplications(['--dry-run'], [argocd]);
    expect(code).toBe(0);
    expect(calls.filter((call) => isChange(call) || call.includes(' wait '))).toEqual([]);
    expect(calls.filter((call) => call.includes('--dry-run=server'))).toHaveLength(1);
  });

  test.each([
    ['prod', 'production'],
    ['staging', 'main'],
  ])('hands %s over only if the branch %s has the same installation', async (cluster, branch) => {
    const args = ['--cluster', cluster];
    const git = 'https://git.test/our/shop.git refs/heads/';
    const same = await runApplications(args, [argocd]);
    expect(
      same.calls.filter((call) => call.includes(`fetch --quiet --no-tags ${git}${branch}`)),
    ).toHaveLength(1);
    expect(same.calls.filter(isChange)).toHaveLength(1);
    for (const when of [`${git}${branch}`, 'diff --quiet FETCH_HEAD -- ../installation']) {
      const { code, output, calls } = await runApplications(args, [argocd, { when, code: 1 }]);
      expect({ code, changes: calls.filter(isChange) }).toEqual({ code: 1, changes: [] });
      expect(output).toContain(
        'Fork the repository, set k8s/installation/installation.env, commit it and push it.',
      );
    }
  });

  test('refuses a cluster that does not exist', async () => {
    const { code, calls } = await runApplications(['--cluster', 'production']);
    expect({ code, calls }).toEqual({ code: 64, calls: [] });
  });

  test.each(['soon', '5', 'm', ''])('refuses to wait for "%s"', async (time) => {
    const { code, calls } = await runApplications(['--timeout', time]);
    expect({ code, calls }).toEqual({ code: 64, calls: [] });
  });
});
