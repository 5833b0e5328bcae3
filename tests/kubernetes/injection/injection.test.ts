import { beforeAll, describe, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { obtainKubernetesProgram, obtainPodAsInjected, upstreamFolder } from '@unity-purchase/tools';
import { parse } from 'yaml';
import { overlays, production, renderedCombination } from '../rendering/combinations.js';
import {
  annotationsOfInjector,
  injectorAsInstalled,
  podsAsInjected,
  type Container,
  type InjectedPod,
  type Injector,
} from './injector.js';
import { isComponent } from '../metadata/components.js';
import { deploymentsIn, mebibytes, type Deployment } from '../policies/policy.js';
import { manifests, type Manifest } from '../rendering/render.js';

const services = ['storefront', 'purchase-service'] as const;
const pods = overlays.flatMap((overlay) => services.map((service) => ({ overlay, service })));

let injector: Injector;
const objects = new Map<string, Manifest[]>();
const injected = new Map<string, InjectedPod[]>();

beforeAll(async () => {
  await obtainKubernetesProgram('helm');
  await obtainPodAsInjected();
  injector = await injectorAsInstalled();
  for (const overlay of overlays) {
    const render = await renderedCombination({ ...production, overlay });
    objects.set(overlay, render.objects);
    injected.set(overlay, await podsAsInjected(deploymentsIn(render.objects), injector));
  }
}, 600_000);

function podOf(overlay: string, service: string): InjectedPod {
  const pod = injected.get(overlay)?.find(({ deployment }) => deployment === service);
  if (pod === undefined) throw new Error(`${overlay} has no Deployment ${service}`);
  return pod;
}

function deploymentOf(service: string): Deployment {
  const deployment = deploymentsIn(objects.get('prod') ?? []).find(
    ({ metadata }) => metadata.name === service,
  );
  if (deployment === undefined) throw new Error(`prod has no Deployment ${service}`);
  return structuredClone(deployment);
}

function sidecarOf({ pod }: InjectedPod): Container {
  const sidecar = pod.spec.initContainers?.find(({ name }) => name === 'daprd');
  if (sidecar === undefined) throw new Error('no sidecar among the init containers');
  return sidecar;
}

function serviceIn({ pod, deployment }: InjectedPod): Container {
  const service = pod.spec.containers.find(({ name }) => name === deployment);
  if (service === undefined) throw new Error(`no container ${deployment}`);
  return service;
}

function environmentOf({ env = [] }: Container): Record<string, string> {
  return Object.fromEntries(
    env.map(({ name, value, valueFrom }) => {
      const { name: secret, key } = valueFrom?.secretKeyRef ?? {};
      return [name, value ?? (secret === undefined ? '' : `${secret}/${key ?? ''}`)];
    }),
  );
}

/** The value of an option in the sidecar's arguments. */
function optionOf(sidecar: Container, option: string): string | undefined {
  const { args = [] } = sidecar;
  const index = args.indexOf(option);
  return index < 0 ? undefined : args[index + 1];
}

describe.each(pods)('the pod of $service in $overlay, with its sidecar', ({ overlay, service }) => {
  test('is admitted by Pod Security at `restricted`', () => {
    expect(podOf(overlay, service)).toMatchObject({ injected: true, allowed: true, reasons: [] });
  });

  test('starts the sidecar first and stops it last', () => {
    const pod = podOf(overlay, service);
    expect(pod.pod.spec.containers.map(({ name }) => name)).toEqual([service]);
    expect(sidecarOf(pod).restartPolicy).toBe('Always');
  });

  test('has a sidecar with as few privileges as the service', () => {
    const pod = podOf(overlay, service);
    expect(sidecarOf(pod).securityContext).toMatchObject({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
      capabilities: { drop: ['ALL'] },
    });
    expect(serviceIn(pod).securityContext).toMatchObject({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  });

  test("sets the sidecar's resources, with a Go memory limit below the kernel's", () => {
    const sidecar = sidecarOf(podOf(overlay, service));
    const { requests, limits } = sidecar.resources ?? {};
    expect(Object.keys(requests ?? {}).sort()).toEqual(['cpu', 'memory']);
    const limit = mebibytes(limits?.['memory']);
    const soft = mebibytes(environmentOf(sidecar)['GOMEMLIMIT']);
    expect(soft).toBeLessThan(limit);
    expect(soft).toBeGreaterThan(limit * 0.8);
    expect(mebibytes(requests?.['memory'])).toBeLessThan(soft);
  });

  test('has tokens for both directions, the same in both containers', () => {
    const pod = podOf(overlay, service);
    const tokens = {
      DAPR_API_TOKEN: 'dapr-api-token/token',
      // Browsers call the storefront. Its sidecar only checks its health.
      ...(service === 'purchase-service' && { APP_API_TOKEN: 'app-api-token/token' }),
    };
    expect(environmentOf(sidecarOf(pod))).toMatchObject(tokens);
    expect(environmentOf(serviceIn(pod))).toMatchObject(tokens);
    expect('APP_API_TOKEN' in environmentOf(sidecarOf(pod))).toBe(service === 'purchase-service');
  });

  test('is selected by the PodMonitor for sidecars', () => {
    const pod = podOf(overlay, service);
    expect(sidecarOf(pod).ports).toContainEqual(
      expect.objectContaining({ name: 'dapr-metrics', containerPort: 9090 }),
    );
    expect(pod.pod.metadata.labels).toMatchObject({
      'dapr.io/metrics-enabled': 'true',
      'dapr.io/app-id': service,
    });
  });

  test("has a sidecar that probes the service's health on its port", () => {
    const pod = podOf(overlay, service);
    const sidecar = sidecarOf(pod);
    const listening = serviceIn(pod).ports?.find(({ name }) => name === 'http')?.containerPort;
    expect(sidecar.args).toContain('--enable-app-health-check');
    expect(optionOf(sidecar, '--app-health-threshold')).toBe('240');
    expect(optionOf(sidecar, '--app-health-check-path')).toBe('/health/ready');
    expect(optionOf(sidecar, '--app-port')).toBe(String(listening));
    expect(optionOf(sidecar, '--app-id')).toBe(service);
    expect(optionOf(sidecar, '--config')).toBe('purchase-system');
  });

  test("keeps the storefront's secrets in its sidecar, where the component looks for them", () => {
    const pod = podOf(overlay, service);
    const mounts = (container: Container) =>
      (container.volumeMounts ?? []).filter(({ name }) => name === 'storefront-secrets');
    expect(mounts(serviceIn(pod))).toEqual([]);
    if (service !== 'storefront') {
      expect(mounts(sidecarOf(pod))).toEqual([]);
      return;
    }
    const file: unknown = (objects.get(overlay) ?? [])
      .filter(isComponent)
      .find(({ metadata }) => metadata.name === 'secrets')
      ?.spec.metadata?.find(({ name }) => name === 'secretsFile')?.value;
    expect(mounts(sidecarOf(pod))).toEqual([
      expect.objectContaining({ readOnly: true, mountPath: dirname(String(file)) }),
    ]);
    expect(pod.pod.spec.volumes).toContainEqual(
      expect.objectContaining({
        name: 'storefront-secrets',
        secret: expect.objectContaining({ secretName: 'storefront-secrets' }) as unknown,
      }),
    );
  });

  test("mounts no Kubernetes token for the service, and only Dapr's for the sidecar", () => {
    const pod = podOf(overlay, service);
    expect(pod.pod.spec.automountServiceAccountToken).toBe(false);
    const kubernetes = /serviceaccount/i;
    expect(serviceIn(pod).volumeMounts ?? []).not.toContainEqual(
      expect.objectContaining({ mountPath: expect.stringMatching(kubernetes) as unknown }),
    );
    expect(sidecarOf(pod).args).toContain('--disable-builtin-k8s-secret-store');
    const tokens = (pod.pod.spec.volumes ?? []).filter((volume) =>
      JSON.stringify(volume).includes('serviceAccountToken'),
    );
    // The token proves the sidecar's identity to Dapr. The Kubernetes API does not accept it.
    expect(tokens).toHaveLength(1);
    expect(JSON.stringify(tokens)).toMatch(
      /"audience":"spiffe:\/\/cluster\.local\/ns\/dapr-system\/dapr-sentry"/,
    );
  });

  test('has a grace period for waiting, draining and stopping the sidecar, with reserve', () => {
    const pod = podOf(overlay, service);
    const { lifecycle } = serviceIn(pod);
    const environment = environmentOf(serviceIn(pod));
    const waiting = lifecycle?.preStop?.sleep?.seconds ?? Number.NaN;
    const draining =
      (Number(environment['SHUTDOWN_DELAY_MS']) + Number(environment['SHUTDOWN_DEADLINE_MS'])) / 1_000;
    const sidecar = Number(optionOf(sidecarOf(pod), '--dapr-graceful-shutdown-seconds'));
    const needed = waiting + draining + sidecar;
    expect(needed).toBeGreaterThan(0);
    expect(pod.pod.spec.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(needed + 5);
  });
});

describe('an annotation', () => {
  test('is known to the injector, which ignores unknown ones', async () => {
    const known = await annotationsOfInjector();
    expect(known.size).toBeGreaterThan(50);
    const used = [...objects.values()]
      .flatMap(deploymentsIn)
      .flatMap(({ spec }) => Object.keys(spec.template.metadata.annotations))
      .filter((name) => name.startsWith('dapr.io/'));
    expect(used.filter((name) => !known.has(name))).toEqual([]);
    expect(known.has('dapr.io/app-health-treshold')).toBe(false);
  });
});

test('the tested injector has the installed version', async () => {
  const charts = parse(await readFile(join(manifests, 'infrastructure', 'charts.yaml'), 'utf8')) as {
    pieces: { name: string; version?: string }[];
  };
  const installed = charts.pieces.find(({ name }) => name === 'dapr')?.version ?? 'none';
  const program = join(import.meta.dirname, '..', 'go', 'pod-as-injected', 'go.mod');
  expect(await readFile(program, 'utf8')).toContain(`github.com/dapr/dapr v${installed}\n`);
  expect(await upstreamFolder('dapr')).toMatch(new RegExp(`@v${installed}$`));
});

describe('Pod Security refuses', () => {
  const [service] = services;

  async function injectedAfter(
    change: (deployment: Deployment) => void,
    set: string[] = [],
  ): Promise<InjectedPod> {
    const deployment = deploymentOf(service);
    change(deployment);
    const [pod] = await podsAsInjected(
      [deployment],
      set.length > 0 ? await injectorAsInstalled(...set) : injector,
    );
    if (pod === undefined) throw new Error('no answer');
    return pod;
  }

  /** Moves the seccomp profile from the pod, where it also covers the sidecar, to the containers in the manifest. */
  function setProfileOfContainers({ spec }: Deployment): void {
    delete spec.template.spec.securityContext?.seccompProfile;
    for (const container of spec.template.spec.containers)
      container.securityContext = {
        ...container.securityContext,
        seccompProfile: { type: 'RuntimeDefault' },
      };
  }

  test('a sidecar that keeps its capabilities, which is what the chart does by default', async () => {
    const pod = await injectedAfter(
      () => undefined,
      ['dapr_sidecar_injector.sidecarDropALLCapabilities=false'],
    );
    expect(pod.allowed).toBe(false);
    expect(pod.reasons.join()).toContain(
      'container "daprd" must set securityContext.capabilities.drop=["ALL"]',
    );
  });

  test('a sidecar that may run as root', async () => {
    const pod = await injectedAfter(() => undefined, ['dapr_sidecar_injector.sidecarRunAsNonRoot=false']);
    expect(pod.reasons.join()).toContain('container "daprd" must not set securityContext.runAsNonRoot=false');
  });

  test('a pod and a sidecar without a seccomp profile', async () => {
    const pod = await injectedAfter((deployment) => {
      setProfileOfContainers(deployment);
      delete deployment.spec.template.metadata.annotations['dapr.io/sidecar-seccomp-profile-type'];
    });
    expect(pod.allowed).toBe(false);
    expect(pod.reasons.join()).toContain(
      'pod or container "daprd" must set securityContext.seccompProfile.type',
    );
  });

  test('but admits the same pod with the annotation', async () => {
    const pod = await injectedAfter(setProfileOfContainers);
    expect(pod).toMatchObject({ allowed: true, reasons: [] });
  });
});

describe('the effect of an annotation', () => {
  test('without the one for native sidecars, the sidecar is an ordinary container and may stop first', async () => {
    const deployment = deploymentOf('storefront');
    delete deployment.spec.template.metadata.annotations['dapr.io/enable-native-sidecar'];
    const [pod] = await podsAsInjected([deployment], injector);
    expect(pod?.pod.spec.containers.map(({ name }) => name)).toEqual(['storefront', 'daprd']);
  });
});
