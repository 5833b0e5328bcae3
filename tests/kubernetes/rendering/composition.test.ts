import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { errorText } from '@unity-purchase/tools';
import {
  brokers,
  overlays,
  renderedCombination,
  renderedCombinations,
  renderIn,
  stores,
  withCopy,
  type Combination,
} from './combinations.js';
import { combinationsWith, kustomizationEntries, takeOut } from './kustomization-entries.js';
import { renderText, type Manifest } from './render.js';

const usual: Combination = { overlay: 'prod', broker: 'kafka', store: 'mongodb' };

/** What may be other for another broker or store; nothing of it is ours to run. */
const kindsOfBroker = [
  ...['Component', 'ScaledObject', 'TriggerAuthentication', 'NetworkPolicy', 'PrometheusRule'],
  ...['ExternalSecret', 'SecretStore', 'ServiceAccount', 'Role', 'RoleBinding'],
  ...['KafkaTopic', 'KafkaUser', 'Stream', 'Exchange', 'Queue', 'Binding', 'User', 'Permission'],
];

describe('another broker or store', () => {
  test.each(overlays)(
    'changes no Deployment of %s, and nothing else that is ours to run',
    async (overlay) => {
      const kept = new Set(
        (await renderedCombinations())
          .filter((combination) => combination.overlay === overlay)
          .map(({ objects }) => JSON.stringify(objects.filter(({ kind }) => !kindsOfBroker.includes(kind)))),
      );
      expect(kept.size).toBe(1);
      expect([...kept].join()).toContain('"kind":"Deployment"');
    },
  );

  test.each([
    ['broker', brokers, 'ScaledObject purchase-service'],
    ['store', stores, 'Component statestore'],
  ] as const)('is another %s: no two render the same objects', async (kind, names, differing) => {
    const seen = new Map<string, string>();
    for (const name of names) {
      const { objects } = await renderedCombination({ ...usual, [kind]: name });
      seen.set(JSON.stringify(objects.find((object) => titleOf(object) === differing)), name);
    }
    expect([...seen.values()]).toEqual([...names]);
  });

  test.each([
    ['broker', 'broker-kafka', 'broker-rabbitmq'],
    ['broker', 'broker-redis', 'broker-jetstream'],
    ['store', 'store-mongodb', 'store-postgresql'],
  ])('beside the first %s (%s and %s) is refused when it is rendered', async (_kind, first, second) => {
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
  test('all change the rendered result: patches, replacements, images, labels and generators', async () => {
    await withCopy(async (copy) => {
      const folder = join(copy, 'k8s');
      const before = new Map<string, Promise<string>>();
      const render = (combination: Combination): Promise<string> => {
        const key = JSON.stringify(combination);
        const rendered = before.get(key) ?? renderIn(copy, combination);
        before.set(key, rendered);
        return rendered;
      };
      const idle: string[] = [];
      const entries = await kustomizationEntries(folder);
      for (const entry of entries) {
        let changes = false;
        for (const combination of combinationsWith(entry)) {
          const whole = await render(combination);
          const putBack = await takeOut(folder, entry);
          const without = await renderIn(copy, combination).catch(() => 'cannot be rendered');
          await putBack();
          changes = without !== whole;
          if (changes) break;
        }
        if (!changes) idle.push(`${entry.file}: ${entry.list}[${entry.index}]`);
      }
      expect(entries.length).toBeGreaterThan(30);
      expect(idle).toEqual([]);
    });
  });

  test('are reported when they match nothing', async () => {
    await withCopy(async (copy) => {
      const file = join(copy, 'k8s/overlays/ci/kustomization.yaml');
      const text = (await readFile(file, 'utf8')).replace('kind: Deployment', 'kind: Deploymint');
      await writeFile(file, text);
      const entry = (await kustomizationEntries(join(copy, 'k8s'))).find(
        (one) => one.file === 'overlays/ci/kustomization.yaml' && one.list === 'patches',
      );
      if (entry === undefined) throw new Error('overlays/ci has no patch');
      const combination: Combination = { ...usual, overlay: 'ci' };
      const whole = await renderIn(copy, combination);
      const putBack = await takeOut(join(copy, 'k8s'), entry);
      expect(await renderIn(copy, combination)).toBe(whole);
      await putBack();
    });
  });
});
