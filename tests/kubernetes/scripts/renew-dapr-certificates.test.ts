import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { upstreamFolder } from '@unity-purchase/tools';
import { isChange, runWithFakePrograms } from './run-with-fake-programs.js';

const changesOf = async (args: readonly string[]) => {
  const { code, output, calls } = await runWithFakePrograms('renew-dapr-certificates', args);
  return { code, output, changes: calls.filter(isChange) };
};

describe('renew-dapr-certificates.sh', () => {
  test('empties the trust bundle, then restarts sentry, injector, operator and both services, each ready before the next', async () => {
    const { code, changes } = await changesOf(['--yes']);
    expect(code).toBe(0);
    expect(changes).toEqual([
      'kubectl patch secret dapr-trust-bundle --namespace dapr-system --type merge --patch {"data":null}',
      'kubectl rollout restart --namespace dapr-system deployment/dapr-sentry',
      'kubectl rollout status --namespace dapr-system deployment/dapr-sentry --timeout 10m',
      'kubectl rollout restart --namespace dapr-system deployment/dapr-sidecar-injector deployment/dapr-operator',
      'kubectl rollout status --namespace dapr-system deployment/dapr-sidecar-injector --timeout 10m',
      'kubectl rollout status --namespace dapr-system deployment/dapr-operator --timeout 10m',
      'kubectl rollout restart --namespace purchase-system deployment/storefront deployment/purchase-service',
      'kubectl rollout status --namespace purchase-system deployment/storefront --timeout 10m',
      'kubectl rollout status --namespace purchase-system deployment/purchase-service --timeout 10m',
    ]);
  });

  test('needs a confirmation, and changes nothing in a dry run', async () => {
    expect(await changesOf([])).toMatchObject({ code: 64, changes: [] });
    expect(await changesOf(['--dry-run'])).toMatchObject({ code: 0, changes: [] });
  });

  test('fits the installed Dapr, whose sentry fills an empty trust bundle, and Argo CD, which leaves it alone', async () => {
    const sentry = await readFile(join(await upstreamFolder('dapr'), 'pkg/sentry/server/ca/kube.go'), 'utf8');
    expect(sentry).toContain('generateX509 := !hasRootCert || !hasIssuerCert || !hasIssuerKey');
    const application = await readFile(
      join(import.meta.dirname, '../../../k8s/argocd/apps/dapr.yaml'),
      'utf8',
    );
    expect(application).toMatch(/name: dapr-trust-bundle\n.*\n +jsonPointers: \[\/data\]/);
    expect(application).toContain('RespectIgnoreDifferences=true');
  });
});
