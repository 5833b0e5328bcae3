import { describe, expect, test } from '@jest/globals';
import { readApplications, waveOf } from '../argocd/applications.js';
import type { Answer } from './fake-programs.js';
import { configured } from './configured-scripts.js';
import { isChange, runWithFakePrograms } from './run-with-fake-programs.js';

const argocd: Answer = { when: 'get crd applications.argoproj.io', output: 'crd/found' };

/** Argo CD has read the newest commit: its annotation is gone. */
const refreshed: Answer = { when: '--watch', output: '[normal]\n[]\n' };

/** The cluster, without the annotations that make Argo CD read the newest commit. */
const changesIn = (calls: readonly string[]): string[] =>
  calls.filter((call) => isChange(call) && !call.includes(' annotate '));

/** Runs the script from a checkout whose installation is configured. */
const runApplications = (args: readonly string[] = [], answers: readonly Answer[] = []) =>
  runWithFakePrograms('apply-applications', args, [...answers, refreshed], { installation: configured });

describe('apply-applications.sh', () => {
  test('applies projects and root of the cluster and waits for the Applications in wave order', async () => {
    const { code, output, calls } = await runApplications([], [argocd]);
    expect(code).toBe(0);
    expect(changesIn(calls).map((call) => /-k \S*\/k8s\/(\S+)/.exec(call)?.[1])).toEqual([
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

  test('makes Argo CD read the newest commit before it believes a state, the root first', async () => {
    const { calls } = await runApplications([], [argocd]);
    const applications = [...(await readApplications('prod')).keys(), 'root'];
    const steps = calls.flatMap((call) => {
      if (!call.endsWith(' argocd.argoproj.io/refresh=normal') && !call.includes('{.status.sync.status}'))
        return [];
      return /applications\.argoproj\.io[ /](\S+)/.exec(call)?.[1] ?? [];
    });
    expect(steps[0]).toBe('root');
    expect(steps).toHaveLength(1 + 2 * applications.length);
    // Each is read, then judged.
    for (let at = 1; at < steps.length; at += 2) expect(steps[at]).toBe(steps[at + 1]);
    expect(steps.slice(1).toSorted()).toEqual([...applications, ...applications].toSorted());
  });

  test('believes no state while Argo CD has not read the newest commit', async () => {
    const waiting = { when: '--watch', output: '[normal]\n' };
    const { code, output, calls } = await runApplications([], [argocd, waiting]);
    expect(code).toBe(1);
    expect(output).toContain('FAILED: Argo CD does not read the newest commit');
    expect(calls.filter((call) => call.includes('{.status.sync.status}'))).toEqual([]);
    const later = { when: 'keda --namespace argocd --watch', output: '[normal]\n' };
    const stopped = await runApplications([], [argocd, later]);
    expect(stopped.code).toBe(1);
    expect(stopped.output).toContain('FAILED: keda is not Synced and Healthy');
  });

  test('refuses nodes without zones for Kafka on three nodes, and needs none for one', async () => {
    const nodes = { when: 'get nodes', output: 'a=\nb=zone-1\nc=\n' };
    const { code, output, calls } = await runApplications([], [argocd, nodes]);
    expect({ code, changes: calls.filter(isChange) }).toEqual({ code: 1, changes: [] });
    expect(output).toContain('1 nodes have the label topology.kubernetes.io/zone');
    expect((await runApplications(['--cluster', 'staging'], [argocd, nodes])).code).toBe(0);
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
    ).not.toHaveLength(0);
    expect(changesIn(same.calls)).toHaveLength(1);
    for (const when of [`${git}${branch}`, 'diff --quiet']) {
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
