import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { brokerServers, projectRoot, storeServers } from '@unity-purchase/tools';
import { parse } from 'yaml';
import { brokers } from '../brokers/cluster-brokers.js';
import { renderIn, stores, withCopy, type Combination } from '../rendering/combinations.js';
import { manifestsIn, renderText, type Manifest } from '../rendering/render.js';

type Container = {
  image: string;
  ports: { containerPort: number }[];
  resources: { requests?: object; limits?: object };
  securityContext?: object;
};
type Workload = Manifest & {
  spec: {
    selector: { matchLabels: Record<string, string> };
    template: {
      metadata: { labels: Record<string, string> };
      spec: { securityContext: object; automountServiceAccountToken?: boolean; containers: Container[] };
    };
  };
};
type Peer = {
  namespaceSelector?: { matchLabels: Record<string, string> };
  podSelector?: { matchLabels: Record<string, string> };
};
type Policy = Manifest & {
  spec: {
    podSelector: { matchLabels: Record<string, string> };
    egress?: { to: Peer[]; ports: { port: number }[] }[];
    ingress?: { from: Peer[]; ports: { port: number }[] }[];
  };
};
type Service = Manifest & { spec: { selector: Record<string, string>; ports: { port: number }[] } };
type Choice = { part: 'broker' | 'store'; name: string; server: Manifest[]; product: Manifest[] };

const serverNames = [
  ...new Set([...Object.values(brokerServers), ...Object.values(storeServers)].map(({ name }) => name)),
];

const choices = new Map<string, Choice>();
const servers = new Map<string, Manifest[]>();

beforeAll(async () => {
  await withCopy(async (copy) => {
    for (const name of [...serverNames, 'jaeger'])
      servers.set(name, manifestsIn(await renderText(join(copy, 'k8s/plain-servers', name))));
    const add = async (part: Choice['part'], name: string, server: string, combination: Combination) => {
      choices.set(`${part} ${name}`, {
        part,
        name,
        server: servers.get(server) ?? [],
        product: manifestsIn(await renderIn(copy, combination)),
      });
    };
    for (const broker of brokers)
      await add('broker', broker, brokerServers[broker]?.name ?? '', {
        overlay: 'dev',
        broker,
        store: 'mongodb',
      });
    for (const store of stores)
      await add('store', store, storeServers[store]?.name ?? '', { overlay: 'dev', broker: 'kafka', store });
  });
}, 120_000);

const titles = [...brokers.map((name) => `broker ${name}`), ...stores.map((name) => `store ${name}`)];

function choiceOf(title: string): Choice {
  const found = choices.get(title);
  if (found === undefined) throw new Error(`${title} was not rendered`);
  return found;
}

const ofKind = <T extends Manifest>(objects: readonly Manifest[], kind: string): T[] =>
  objects.filter((object): object is T => object.kind === kind);

const workloadIn = (objects: readonly Manifest[]): Workload => {
  const [found] = [...ofKind<Workload>(objects, 'StatefulSet'), ...ofKind<Workload>(objects, 'Deployment')];
  if (found === undefined) throw new Error('there is no workload');
  return found;
};

const isPartOf = (part: Record<string, string>, whole: Record<string, string>): boolean =>
  Object.entries(part).every(([key, value]) => whole[key] === value);

/** The addresses `service.namespace.svc:port` in the product's objects and in the Secrets that this part of it uses. */
function addressesIn({ part, product }: Choice): string[] {
  const names = part === 'broker' ? ['pubsub', 'dead-letters'] : ['statestore'];
  const used = product.filter(
    ({ kind, metadata }) =>
      (kind === 'Component' && names.includes(metadata.name)) ||
      (part === 'broker' && kind === 'ScaledObject' && metadata.name === 'purchase-service'),
  );
  const references = [
    ...used.flatMap(({ spec }) =>
      ((spec as { metadata?: { secretKeyRef?: { name: string; key: string } }[] }).metadata ?? []).flatMap(
        ({ secretKeyRef }) => secretKeyRef ?? [],
      ),
    ),
    ...(part === 'broker'
      ? ofKind(product, 'TriggerAuthentication').flatMap(
          ({ spec }) => (spec as { secretTargetRef: { name: string; key: string }[] }).secretTargetRef,
        )
      : []),
  ];
  const secrets = references.map(({ name, key }) => {
    const secret = ofKind(product, 'Secret').find(({ metadata }) => metadata.name === name);
    const value = (secret?.['data'] as Record<string, string> | undefined)?.[key];
    if (value === undefined) throw new Error(`there is no ${key} in ${name}`);
    return Buffer.from(value, 'base64').toString();
  });
  return [...JSON.stringify([used, secrets]).matchAll(/([a-z-]+\.[a-z]+)\.svc:(\d+)/g)].map(
    ([, host = '', port = '']) => `${host}:${port}`,
  );
}

describe.each(titles)('the plain server of %s', (title) => {
  test('is where the product looks for it', () => {
    const choice = choiceOf(title);
    const services = ofKind<Service>(choice.server, 'Service').flatMap(({ metadata, spec }) =>
      spec.ports.map(({ port }) => `${metadata.name}.${metadata.namespace ?? ''}:${port}`),
    );
    const addresses = addressesIn(choice);
    expect(addresses.length).toBeGreaterThan(0);
    expect(addresses.filter((address) => !services.includes(address))).toEqual([]);
  });

  test('is what the product may connect to, and admits it', () => {
    const { part, server, product } = choiceOf(title);
    const { metadata, spec } = workloadIn(server);
    const { labels } = spec.template.metadata;
    const ports = spec.template.spec.containers.flatMap((container) =>
      container.ports.map(({ containerPort }) => containerPort),
    );
    const egress = ofKind<Policy>(product, 'NetworkPolicy').find(
      (policy) => policy.metadata.name === `${part}-egress`,
    )?.spec.egress?.[0];
    expect(egress?.to).toHaveLength(1);
    const [peer] = egress?.to ?? [];
    expect(peer?.namespaceSelector?.matchLabels).toEqual({
      'kubernetes.io/metadata.name': metadata.namespace,
    });
    expect(isPartOf(peer?.podSelector?.matchLabels ?? { none: '' }, labels)).toBe(true);
    const [port = 0] = egress?.ports.map((each) => each.port) ?? [];
    expect(ports).toContain(port);
    const admitting = ofKind<Policy>(server, 'NetworkPolicy').filter((policy) =>
      isPartOf(policy.spec.podSelector.matchLabels, labels),
    );
    expect(admitting).toHaveLength(1);
    const admitted = admitting[0]?.spec.ingress?.find((rule) =>
      rule.ports.some((each) => each.port === port),
    );
    expect(admitted?.from.map(({ namespaceSelector }) => namespaceSelector?.matchLabels)).toContainEqual({
      'kubernetes.io/metadata.name': 'purchase-system',
    });
    // KEDA measures the broker, NATS through another port.
    const namespaces = JSON.stringify(admitting[0]?.spec.ingress);
    if (part === 'broker') expect(namespaces).toContain('"keda"');
  });

  test('needs no operator, and the product neither', () => {
    const { server, product } = choiceOf(title);
    const groups = new Set(server.map(({ apiVersion }) => apiVersion.split('/')[0]));
    expect([...groups].sort()).toEqual(['apps', 'networking.k8s.io', 'v1']);
    const custom = product
      .map(({ apiVersion }) => apiVersion.split('/')[0] ?? '')
      .filter((group) => group.includes('.'));
    expect([...new Set(custom)].filter((group) => !group.endsWith('.k8s.io')).sort()).toEqual([
      'dapr.io',
      'keda.sh',
      'monitoring.coreos.com',
    ]);
  });
});

describe.each([...serverNames, 'jaeger'])('%s', (name) => {
  const workload = (): Workload => workloadIn(servers.get(name) ?? []);

  test('runs under the level restricted, with requests and limits', () => {
    const { securityContext, containers, automountServiceAccountToken } = workload().spec.template.spec;
    expect(securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    expect(automountServiceAccountToken).toBe(false);
    for (const container of containers) {
      expect(container.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
      });
      expect(container.resources).toMatchObject({
        requests: { cpu: expect.any(String), memory: expect.any(String) },
        limits: { memory: expect.any(String) },
      });
    }
  });

  test('runs the version of compose.yaml, by its digest', async () => {
    const { services } = parse(await readFile(join(projectRoot, 'compose.yaml'), 'utf8')) as {
      services: Record<string, { image: string }>;
    };
    const [container] = workload().spec.template.spec.containers;
    const [version, digest] = container?.image.split('@') ?? [];
    expect(version).toBe(services[name]?.image);
    // No digest of this NATS is known to this project.
    if (name !== 'nats') expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
  });
});
