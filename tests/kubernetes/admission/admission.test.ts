import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { errorText, upstreamFolder, waitUntil } from '@unity-purchase/tools';
import { podOf, withImage, withInitContainer, withoutLabels, withSidecar, type Pod } from './pods.js';
import { startControlPlane, type ControlPlane } from '../control-plane/control-plane.js';
import { withCopy } from '../rendering/combinations.js';
import { manifests, manifestsIn, renderText } from '../rendering/render.js';
import { configured } from '../scripts/configured-scripts.js';

/** A real API server, because the policies' expressions run in it. */
let server: ControlPlane;
/** The storefront's pod in the manifest, without a sidecar. */
let plain: Pod;
/** The storefront's pod with a sidecar. */
let injected: Pod;

const policies = join(manifests, 'components', 'policies');
const image = 'registry.test/our/storefront:0.1.0';
const digest = `sha256:${'0'.repeat(64)}`;

const startTimeoutMs = 120_000;

/** The API server reads new policies periodically. */
const appliesTimeoutMs = 30_000;

beforeAll(async () => {
  const kyvernoCrds = join(await upstreamFolder('kyverno'), 'config', 'crds', 'policies.kyverno.io');
  server = await startControlPlane({ crds: [{ folder: kyvernoCrds }] });
  await server.apply(await readFile(join(manifests, 'base', 'namespace.yaml'), 'utf8'));
  await server.kubectl(['create', 'namespace', 'elsewhere']);
  for (const [account, namespace] of [
    ['storefront', 'purchase-system'],
    ['storefront', 'elsewhere'],
  ] as const)
    await server.kubectl(['create', 'serviceaccount', account, `--namespace=${namespace}`]);
  const text = await readFile(join(manifests, 'base', 'storefront', 'deployment.yaml'), 'utf8');
  const [deployment] = manifestsIn(text);
  if (deployment === undefined) throw new Error('no Deployment');
  plain = podOf(deployment, image);
  injected = withSidecar(plain);
  await server.apply(await renderText(policies));
  await waitUntil(
    async () => (await refusal(plain)) !== undefined || 'the policy does not apply yet',
    appliesTimeoutMs,
  );
}, startTimeoutMs);

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

describe('the API server admits', () => {
  it.each<[string, () => Pod]>([
    ['a service with an injected sidecar', () => injected],
    ['an image by its digest', () => withImage(injected, `ghcr.io/unity-purchase/storefront@${digest}`)],
    ['any tag with a digest', () => withImage(injected, `storefront:latest@${digest}`)],
    ['a registry with a port', () => withImage(injected, 'localhost:5000/storefront:dev')],
    ['a sidecar as an ordinary container', () => ordinarySidecar()],
    ['a pod without a sidecar that is not a service', () => withoutLabels(plain)],
    ['anything in another namespace', () => elsewhere(withImage(plain, 'storefront'))],
  ])('%s', async (_, pod) => {
    expect(await refusal(pod())).toBeUndefined();
  });
});

describe('the API server refuses', () => {
  it.each<[string, () => Pod, string]>([
    ['a service without a sidecar', () => plain, 'has no Dapr sidecar'],
    [
      'a service with a sidecar that is an ordinary init container',
      () => withInitContainer(plain, { name: 'daprd', image: 'ghcr.io/dapr/daprd:1.18.3' }),
      'has no Dapr sidecar',
    ],
    [
      'the tag latest',
      () => withImage(injected, 'storefront:latest'),
      'without a version: storefront:latest',
    ],
    ['no tag', () => withImage(injected, 'storefront'), 'without a version: storefront'],
    [
      'a registry port instead of a tag',
      () => withImage(injected, 'localhost:5000/storefront'),
      'without a version: localhost:5000/storefront',
    ],
    [
      'an init container without a tag',
      () => withInitContainer(injected, { name: 'prepare', image: 'busybox' }),
      'without a version: busybox',
    ],
    ['no tag in a pod that is not a service', () => withImage(withoutLabels(plain), 'busybox'), 'busybox'],
  ])('%s', async (_, pod, why) => {
    expect(await refusal(pod())).toContain(why);
  });

  it('making a running pod a service, and giving it another image, and debugging it with any image', async () => {
    const pod = withName(withoutLabels(plain), 'running');
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
    await server.apply(await signedImages());
    await waitUntil(
      async () => (await refusal(foreign())) !== undefined || 'the policy does not apply yet',
      appliesTimeoutMs,
    );
  }, startTimeoutMs);

  it('a service may run our images and the sidecar', async () => {
    expect(await refusal(injected)).toBeUndefined();
  });

  it.each<[string, () => Pod]>([
    ['in a container', () => foreign()],
    ['in an init container', () => withInitContainer(injected, { name: 'prepare', image: 'busybox:1.37' })],
  ])('a service with a foreign image %s is refused', async (_, pod) => {
    expect(await refusal(pod())).toContain('not from registry.test/our');
  });

  it('a policy with an unknown Kyverno field is refused', async () => {
    const text = await signedImages();

    expect(await complaint(server.apply(text.replace('keyless:', 'keyles:')))).toContain('keyles');
  });
});

/** The policies for signed images, with the values of an installation. */
async function signedImages(): Promise<string> {
  return withCopy(async (copy) => {
    await writeFile(join(copy, 'k8s/installation/installation.env'), configured);
    const folder = join(copy, 'k8s/signed-images');
    await mkdir(folder);
    const kustomization = {
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      resources: ['../installation'],
      components: ['../components/policies/signed-images'],
    };
    await writeFile(join(folder, 'kustomization.yaml'), JSON.stringify(kustomization));
    return renderText(folder);
  });
}

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
  const [first] = plain.spec.containers;
  const { securityContext } = first ?? {};
  const sidecar = { name: 'daprd', image: 'ghcr.io/dapr/daprd:1.18.3', securityContext };
  return { ...plain, spec: { ...plain.spec, containers: [...plain.spec.containers, sidecar] } };
}

/** The API server's error message for a pod, if it refuses the pod. */
async function refusal(pod: Pod): Promise<string | undefined> {
  return complaint(server.kubectl(['create', '--dry-run=server', '-f', '-'], { input: JSON.stringify(pod) }));
}

/** The error message of a rejected promise, if it is rejected. */
async function complaint(doing: Promise<unknown>): Promise<string | undefined> {
  return doing.then(() => undefined, errorText);
}
