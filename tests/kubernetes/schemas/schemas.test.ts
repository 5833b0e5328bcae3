import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  combinations,
  renderedCombinations,
  withChoices,
  type RenderedCombination,
} from '../rendering/combinations.js';
import { collectCrds, isOfStrimzi, kindOf, strimziFolder, type Crds } from './crds.js';
import { manifestsBelow } from '../rendering/manifest-files.js';
import { distinctObjects, manifestsIn, type Manifest } from '../rendering/render.js';
import { refusedObjects, type Refusal } from './validate.js';

/** Cilium's module has hundreds of megabytes, for one object. */
const kindsWithoutSchema = ['cilium.io/v2 CiliumNetworkPolicy'];

const hasStrimzi = strimziFolder !== undefined;

/** Without Strimzi's CRDs, the test is reported as skipped, with the reason in its name. */
const withStrimzi = hasStrimzi ? test : test.skip;
const reason = hasStrimzi ? '' : ` (SKIPPED: STRIMZI_CRDS names no folder with Strimzi's CRDs)`;

/** Objects with a mistake, and the complaint that is expected. */
const broken = [
  {
    what: 'a misspelt field',
    text: `
      apiVersion: keda.sh/v1alpha1
      kind: ScaledObject
      metadata: { name: misspelt }
      spec: { scaleTargetRef: { name: x }, minReplicaCountt: 2, triggers: [{ type: cron, metadata: { a: b } }] }`,
    complaint: 'spec.minReplicaCountt: Invalid value: value provided for unknown field',
  },
  {
    what: 'a wrong type',
    text: `
      apiVersion: policy/v1
      kind: PodDisruptionBudget
      metadata: { name: wrong-type }
      spec: { minAvailable: 1, selector: { matchLabels: [storefront] } }`,
    complaint: 'spec.selector.matchLabels',
  },
  {
    what: 'a value that is not allowed',
    text: `
      apiVersion: keda.sh/v1alpha1
      kind: ScaledObject
      metadata: { name: not-allowed }
      spec:
        scaleTargetRef: { name: x }
        fallback: { failureThreshold: 3, replicas: 4, behavior: whatever }
        triggers: [{ type: cron, metadata: { a: b } }]`,
    complaint: 'spec.fallback.behavior: Unsupported value: "whatever"',
  },
  {
    what: 'a violated CEL rule',
    text: `
      apiVersion: gateway.networking.k8s.io/v1
      kind: HTTPRoute
      metadata: { name: against-a-rule }
      spec:
        rules:
          - filters: [{ type: RequestRedirect, requestRedirect: {} }]
            backendRefs: [{ name: storefront, port: 80 }]`,
    complaint: 'RequestRedirect filter must not be used together with backendRefs',
  },
  {
    what: 'a version that is not served',
    text: `
      apiVersion: keda.sh/v1
      kind: ScaledObject
      metadata: { name: not-served }`,
    complaint: 'failed to locate OpenAPI spec for GV: keda.sh/v1',
  },
];

let crds: Crds;
let renders: RenderedCombination[];
let rendered: Manifest[];
let separate: Manifest[];
let wrong: Manifest[];
let refused: Refusal[];

beforeAll(async () => {
  process.stderr.write(`Not validated, for lack of a schema: ${kindsWithoutSchema.join()}\n`);
  if (!hasStrimzi) process.stderr.write(`Strimzi's objects are not validated${reason}\n`);
  crds = await collectCrds();
  renders = await renderedCombinations();
  rendered = distinctObjects(renders.flatMap(({ objects }) => objects));
  separate = (await Promise.all(['argocd', 'infrastructure', 'plain-servers'].map(manifestsBelow))).flat();
  wrong = broken.flatMap(({ text }) => manifestsIn(text));
  const validated = [...rendered, ...separate, ...wrong];
  // All in one call, because reading the schemas takes seconds.
  refused = await refusedObjects(
    validated.filter(
      (object) => (hasStrimzi || !isOfStrimzi(object)) && !kindsWithoutSchema.includes(kindOf(object)),
    ),
    crds.folder,
  );
}, 300_000);

afterAll(async () => {
  await crds[Symbol.asyncDispose]();
});

/** The complaints about these objects. */
function complaintsAbout(objects: readonly Manifest[]): string[] {
  return refused.filter(({ object }) => objects.includes(object)).map(({ complaint }) => complaint);
}

describe('every overlay with every broker and every store', () => {
  test('renders to distinct manifests', () => {
    expect(combinations).toHaveLength(55);
    expect(new Set(renders.map(({ text }) => text)).size).toBe(combinations.length);
  });

  test("is accepted by the API server's validation", () => {
    expect(rendered.length).toBeGreaterThan(100);
    expect(complaintsAbout(rendered.filter((object) => !isOfStrimzi(object)))).toEqual([]);
  });

  test('has exactly one line for the broker and one for the store', () => {
    const combination = { overlay: 'prod', broker: 'redis', store: 'redis' } as const;
    const lines = ['- ../../components/broker-kafka', '- ../../components/store-mongodb'];
    expect(withChoices(lines.join('\n'), combination)).toBe(
      '- ../../components/broker-redis\n- ../../components/store-redis',
    );
    expect(() => withChoices([...lines, ...lines].join('\n'), combination)).toThrow('2 lines for the broker');
    expect(() => withChoices('', combination)).toThrow('0 lines for the broker');
  });
});

test("Argo CD's objects, the infrastructure and the plain servers are accepted by the API server's validation", () => {
  expect(separate.length).toBeGreaterThan(10);
  expect(complaintsAbout(separate.filter((object) => !isOfStrimzi(object)))).toEqual([]);
});

withStrimzi(`Strimzi's objects are accepted by its schemas${reason}`, () => {
  const objects = [...rendered, ...separate].filter(isOfStrimzi);
  expect(new Set(objects.map(({ kind }) => kind))).toEqual(
    new Set(['Kafka', 'KafkaNodePool', 'KafkaTopic', 'KafkaUser']),
  );
  expect(complaintsAbout(objects)).toEqual([]);
});

describe('the validator', () => {
  test('has a schema for every kind except the listed ones', () => {
    const custom = [...rendered, ...separate].filter(isCustom);
    const without = custom.filter((object) => !crds.kinds.has(kindOf(object))).map(kindOf);
    const skipped = crds.withoutStrimzi === undefined ? [] : custom.filter(isOfStrimzi).map(kindOf);
    expect([...new Set(without)].sort()).toEqual([...new Set([...skipped, ...kindsWithoutSchema])].sort());
  });

  test.each(broken)('refuses $what', ({ complaint }) => {
    expect(complaintsAbout(wrong)).toContainEqual(expect.stringContaining(complaint));
  });

  test('refuses only the object with the mistake', () => {
    expect(complaintsAbout(wrong)).toHaveLength(broken.length);
  });

  withStrimzi(`knows only the versions that Strimzi serves${reason}`, () => {
    expect(crds.kinds.has('kafka.strimzi.io/v1 KafkaTopic')).toBe(true);
    expect(crds.kinds.has('kafka.strimzi.io/v1beta2 KafkaTopic')).toBe(false);
  });
});

/** Built-in kinds have no group, a group without a dot, or one of k8s.io that needs no CRD. */
function isCustom({ apiVersion }: Manifest): boolean {
  const [group = '', version] = apiVersion.split('/');
  if (version === undefined || !group.includes('.')) return false;
  return !group.endsWith('.k8s.io') || group === 'gateway.networking.k8s.io';
}
