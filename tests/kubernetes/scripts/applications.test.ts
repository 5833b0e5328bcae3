import { describe, expect, test } from '@jest/globals';
import { readApplications, waveOf } from '../argocd/applications.js';
import type { Answer } from './fake-programs.js';
import { isChange, runWithFakePrograms } from './run-with-fake-programs.js';

describe('apply-applications.sh', () => {
  const argocd: Answer = { when: 'get crd applications.argoproj.io', output: 'crd/found' };

  test('applies projects before the root and waits for the Applications in wave order', async () => {
    const { code, output, calls } = await runWithFakePrograms('apply-applications', [], [argocd]);
    expect(code).toBe(0);
    expect(calls.filter(isChange).map((call) => /([a-z]+)\.yaml$/.exec(call)?.[1])).toEqual([
      'projects',
      'root',
    ]);
    const waited = calls.flatMap(
      (call) => /applications\.argoproj\.io\/(\S+) --for jsonpath=\{\.status\.health/.exec(call)?.[1] ?? [],
    );
    const applications = await readApplications();
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
    const { code, output } = await runWithFakePrograms(
      'apply-applications',
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

  test('does nothing without Argo CD and says how to install it', async () => {
    const { code, output, calls } = await runWithFakePrograms('apply-applications');
    expect(code).toBe(1);
    expect(calls.filter(isChange)).toEqual([]);
    expect(output).toContain('install-infrastructure.sh --only namespaces,argocd');
  });

  test('changes nothing and waits for nothing in a dry run', async () => {
    const { code, calls } = await runWithFakePrograms('apply-applications', ['--dry-run'], [argocd]);
    expect(code).toBe(0);
    expect(calls.filter((call) => isChange(call) || call.includes(' wait '))).toEqual([]);
    expect(calls.filter((call) => call.includes('--dry-run=server'))).toHaveLength(2);
  });

  test.each(['soon', '5', 'm', ''])('refuses to wait for "%s"', async (time) => {
    const { code, calls } = await runWithFakePrograms('apply-applications', ['--timeout', time]);
    expect({ code, calls }).toEqual({ code: 64, calls: [] });
  });
});
