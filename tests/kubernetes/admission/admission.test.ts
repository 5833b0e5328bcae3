import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { errorText, waitUntil } from '@unity-purchase/tools';
import { kyvernoDefinitions } from './kyverno-definitions.js';
import { podOf, withImage, withInitContainer, withoutLabels, withSidecar, type Pod } from './pods.js';
import { startControlPlane, type ControlPlane } from '../control-plane/control-plane.js';
import { manifests, manifestsIn, renderText } from '../rendering/render.js';

/** A real API server, because only that says what it makes of an expression. */
let server: ControlPlane;
let injected: Pod;
let written: Pod;

const policies = join(manifests, 'components', 'policies');
const image = 'ghcr.io/unity-purchase/storefront:0.1.0';
const digest = `sha256:${'0'.repeat(64)}`;

const startTimeoutMs = 120_000;

/** The API server reads policies from time to time. */
const appliesTimeoutMs = 30_000;

beforeAll(async () => {
  server = await startControlPlane({ crds: [{ folder: await kyvernoDefinitions() }] });
  await server.apply(await readFile(join(manifests, 'base', 'namespace.yaml'), 'utf8'));
  await server.kubectl(['create', 'namespace', 'elsewhere']);
  for (const [account, namespace] of [
    ['storefront', 'purchase-system'],
    ['storefront', 'elsewhere'],
  ] as const)
    await server.kubectl(['create', 'serviceaccount', account, `--namespace=${namespace}`]);
  const text = await readFile(join(manifests, 'base', 'storefront', 'deployment.yaml'), 'utf8');
  const [deployment] = manifestsIn(text);
  if (deployment === undefined) throw new Error('there is no Deployment');
  written = podOf(deployment, image);
  injected = withSidecar(written);
  await server.apply(await renderText(policies));
  await waitUntil(
    async () => (await refusal(written)) !== undefined || 'the policy does not apply yet',
    appliesTimeoutMs,
  );
}, startTimeoutMs);

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

describe('the API server admits', () => {
  it.each<[string, () => Pod]>([
    ['a service as it is injected', () => injected],
    ['an image by its digest', () => withImage(injected, `ghcr.io/unity-purchase/storefront@${digest}`)],
    ['a tag that does not matter beside a digest', () => withImage(injected, `storefront:latest@${digest}`)],
    ['a registry with a port', () => withImage(injected, 'localhost:5000/storefront:dev')],
    ['a sidecar that is an ordinary container', () => ordinarySidecar()],
    ['a pod that is no service, without a sidecar', () => withoutLabels(written)],
    ['anything in another namespace', () => elsewhere(withImage(written, 'storefront'))],
  ])('%s', async (_, pod) => {
    expect(await refusal(pod())).toBeUndefined();
  });
});

describe('the API server refuses', () => {
  it.each<[string, () => Pod, string]>([
    ['a service without a sidecar', () => written, 'has no Dapr sidecar'],
    [
      'a service whose sidecar ends before the service begins',
      () => withInitContainer(written, { name: 'daprd', image: 'ghcr.io/dapr/daprd:1.18.3' }),
      'has no Dapr sidecar',
    ],
    [
      'the tag latest',
      () => withImage(injected, 'storefront:latest'),
      'without a version: storefront:latest',
    ],
    ['no tag', () => withImage(injected, 'storefront'), 'without a version: storefront'],
    [
      'a port of a registry for a tag',
      () => withImage(injected, 'localhost:5000/storefront'),
      'without a version: localhost:5000/storefront',
    ],
    [
      'an init container without a tag',
      () => withInitContainer(injected, { name: 'prepare', image: 'busybox' }),
      'without a version: busybox',
    ],
    ['no tag in a pod that is no service', () => withImage(withoutLabels(written), 'busybox'), 'busybox'],
  ])('%s', async (_, pod, why) => {
    expect(await refusal(pod())).toContain(why);
  });

  it('making a running pod a service, and giving it another image, and debugging it with any image', async () => {
    const pod = withName(withoutLabels(written), 'running');
    await server.apply(JSON.stringify(pod));
    const { name, namespace = '' } = pod.metadata;
    const here = `--namespace=${namespace}`;

    expect(
      await complaint(server.kubectl(['label', 'pod', name, here, 'app.kubernetes.io/name=storefront'])),
    ).toContain('has no Dapr sidecar');
    expect(
      await complaint(server.kubectl(['set', 'image', `pod/${name}`, here, 'storefront=storefront:latest'])),
    ).toContain('without a version: storefront:latest');
    expect(
      await complaint(server.kubectl(['debug', name, here, '--image=busybox', '--profile=restricted'])),
    ).toContain('without a version: busybox');
  });
});

describe('with the policy for signed images', () => {
  beforeAll(async () => {
    await server.apply(await renderText(join(policies, 'signed-images')));
    await waitUntil(
      async () => (await refusal(foreign())) !== undefined || 'the policy does not apply yet',
      appliesTimeoutMs,
    );
  }, startTimeoutMs);

  it('a service runs images of ours and the sidecar', async () => {
    expect(await refusal(injected)).toBeUndefined();
  });

  it.each<[string, () => Pod]>([
    ['in a container', () => foreign()],
    ['in an init container', () => withInitContainer(injected, { name: 'prepare', image: 'busybox:1.37' })],
  ])('a service with an image of somebody else is refused: %s', async (_, pod) => {
    expect(await refusal(pod())).toContain('not from ghcr.io/unity-purchase');
  });

  it("a policy with a name that Kyverno's kind does not have is refused", async () => {
    const text = await renderText(join(policies, 'signed-images'));

    expect(await complaint(server.apply(text.replace('keyless:', 'keyles:')))).toContain('keyles');
  });
});

function foreign(): Pod {
  return withImage(injected, 'docker.io/somebody/storefront:0.1.0');
}

function withName(pod: Pod, name: string): Pod {
  return { ...pod, metadata: { ...pod.metadata, name } };
}

function elsewhere(pod: Pod): Pod {
  return { ...pod, metadata: { ...pod.metadata, namespace: 'elsewhere' } };
}

function ordinarySidecar(): Pod {
  const [first] = written.spec.containers;
  const { securityContext } = first ?? {};
  const sidecar = { name: 'daprd', image: 'ghcr.io/dapr/daprd:1.18.3', securityContext };
  return { ...written, spec: { ...written.spec, containers: [...written.spec.containers, sidecar] } };
}

/** What the API server has against a pod, if anything. */
async function refusal(pod: Pod): Promise<string | undefined> {
  return complaint(server.kubectl(['create', '--dry-run=server', '-f', '-'], { input: JSON.stringify(pod) }));
}

/** What is said instead of doing something, if anything. */
async function complaint(doing: Promise<unknown>): Promise<string | undefined> {
  return doing.then(() => undefined, errorText);
}
