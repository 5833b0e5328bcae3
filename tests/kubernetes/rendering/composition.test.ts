import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { errorText } from '@unity-purchase/tools';
import { brokers } from '../brokers/cluster-brokers.js';
import {
  overlays,
  production,
  renderedCombination,
  renderedCombinations,
  renderIn,
  stores,
  withCopy,
  type Combination,
} from './combinations.js';
import { combinationsWith, kustomizationEntries, removeEntry } from './kustomization-entries.js';
import { renderText, type Manifest } from './render.js';
import { configured } from '../scripts/configured-scripts.js';

/** Each entry is removed once, and everything it may change is rendered again. */
const timeoutMs = 300_000;

/** The kinds that may differ with the broker or store. None of them runs our code. */
const kindsOfBrokersAndStores = [
  'Component',
  'ScaledObject',
  'TriggerAuthentication',
  'NetworkPolicy',
  'PrometheusRule',
  'ExternalSecret',
  'SecretStore',
  'ServiceAccount',
  'Role',
  'RoleBinding',
  'KafkaTopic',
  'KafkaUser',
  'Stream',
  'Exchange',
  'Queue',
  'Binding',
  'User',
  'Permission',
];

/** The address of the broker is a ConfigMap, which may be missing: the services read it if it is there. */
function belongsToBrokerOrStore({ kind, metadata }: Manifest): boolean {
  return kindsOfBrokersAndStores.includes(kind) || (kind === 'ConfigMap' && metadata.name === 'broker');
}

describe('another broker or store', () => {
  test.each(overlays)(
    'changes no Deployment of %s and no other object that runs our code',
    async (overlay) => {
      const remaining = new Set(
        (await renderedCombinations())
          .filter(
            ({ overlay: own, gateway, option }) =>
              own === overlay && gateway === undefined && option === undefined,
          )
          .map(({ objects }) => JSON.stringify(objects.filter((each) => !belongsToBrokerOrStore(each)))),
      );
      expect(remaining.size).toBe(1);
      expect([...remaining].join()).toContain('"kind":"Deployment"');
    },
  );

  test.each([
    ['kafka', 'kafka-kafka-bootstrap.kafka.svc:9093'],
    ['jetstream', 'nats.nats.svc:4222'],
    // Their clients reconnect after any outage.
    ['rabbitmq', undefined],
    ['redis', undefined],
  ] as const)('lets the services look for %s at %s', async (broker, address) => {
    const { objects } = await renderedCombination({ ...production, broker });
    const found = objects.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'broker')?.[
      'data'
    ];
    expect(found).toEqual(address === undefined ? undefined : { address });
    const texts = objects.filter(({ kind }) => ['Component', 'NetworkPolicy'].includes(kind));
    if (address !== undefined)
      expect(JSON.stringify(texts)).toContain(`"port":${address.slice(address.indexOf(':') + 1)}`);
  });

  test.each([
    ['broker', brokers, 'ScaledObject purchase-service'],
    ['store', stores, 'Component statestore'],
  ] as const)('renders other objects for each %s', async (kind, names, differing) => {
    const seen = new Map<string, string>();
    for (const name of names) {
      const { objects } = await renderedCombination({ ...production, [kind]: name });
      seen.set(JSON.stringify(objects.find((object) => titleOf(object) === differing)), name);
    }
    expect([...seen.values()]).toEqual([...names]);
  });

  test.each([
    ['broker', 'broker-kafka', 'broker-rabbitmq'],
    ['broker', 'broker-redis', 'broker-jetstream'],
    ['store', 'store-mongodb', 'store-postgresql'],
  ])('cannot be added beside the first %s (%s and %s)', async (_kind, first, second) => {
    await withCopy(async (copy) => {
      const file = join(copy, 'k8s/overlays/prod/kustomization.yaml');
      const lines = (await readFile(file, 'utf8')).replaceAll(/^ *- .*components\/(broker|store)-.*\n/gm, '');
      const both = [first, second].map((name) => `  - ../../components/${name}\n`).join('');
      await writeFile(file, lines.replace('components:\n', `components:\n${both}`));
      const refusal = await renderText(join(copy, 'k8s/overlays/prod')).catch(errorText);
      expect(refusal).toContain('may not add resource with an already registered id');
    });
  });
});

function titleOf({ kind, metadata }: Manifest): string {
  return `${kind} ${metadata.name}`;
}

describe('the entries of a kustomization', () => {
  test(
    'all change the rendered result: patches, replacements, images, labels and generators',
    async () => {
      await withCopy(async (copy) => {
        const folder = join(copy, 'k8s');
        // Another installation, because some values are also the defaults where there is none.
        await writeFile(join(folder, 'installation/installation.env'), configured);
        const before = new Map<string, Promise<string>>();
        const render = (combination: Combination): Promise<string> => {
          const key = JSON.stringify(combination);
          const rendered = before.get(key) ?? renderIn(copy, combination);
          before.set(key, rendered);
          return rendered;
        };
        const withoutEffect: string[] = [];
        const entries = await kustomizationEntries(folder);
        for (const entry of entries) {
          let changes = false;
          for (const combination of combinationsWith(entry)) {
            const whole = await render(combination);
            const restore = await removeEntry(folder, entry);
            const without = await renderIn(copy, combination).catch(() => 'cannot be rendered');
            await restore();
            changes = without !== whole;
            if (changes) break;
          }
          if (!changes) withoutEffect.push(`${entry.file}: ${entry.list}[${entry.index}]`);
        }
        expect(entries.length).toBeGreaterThan(30);
        expect(withoutEffect).toEqual([]);
      });
    },
    timeoutMs,
  );

  test('are reported when they match nothing', async () => {
    await withCopy(async (copy) => {
      const file = join(copy, 'k8s/components/small-cluster/kustomization.yaml');
      const text = (await readFile(file, 'utf8')).replace('kind: Deployment', 'kind: Deploymint');
      await writeFile(file, text);
      const entry = (await kustomizationEntries(join(copy, 'k8s'))).find(
        (one) => one.file === 'components/small-cluster/kustomization.yaml' && one.list === 'patches',
      );
      if (entry === undefined) throw new Error('small-cluster has no patch');
      const combination: Combination = { ...production, overlay: 'ci' };
      const whole = await renderIn(copy, combination);
      const restore = await removeEntry(join(copy, 'k8s'), entry);
      expect(await renderIn(copy, combination)).toBe(whole);
      await restore();
    });
  });
});
