import { describe, expect, it } from '@jest/globals';
import { everyChoice, type Choice } from './choices.js';
import { allowedBy, differences } from './connections.js';
import { readFlows, wantedWith } from './flows.js';
import { narrowed, widened, type Mutation } from './mutations.js';
import type { NetworkPolicy } from './network-policy.js';
import { parties } from './parties.js';
import type { Manifest } from '../rendering/render.js';

type Deployment = Manifest & {
  spec: {
    template: {
      metadata: { labels: Record<string, string> };
      spec: { containers: { ports?: { name: string; containerPort: number }[] }[] };
    };
  };
};

const [flows, choices] = await Promise.all([readFlows(), everyChoice()]);

describe('the allowed connections', () => {
  it.each(choices.map((choice) => [choice.name, choice] as const))(
    'is what the table says, nothing more and nothing less: %s',
    (_, choice) => {
      expect(differencesOf(choice)).toEqual({ missing: [], unlisted: [] });
    },
  );

  it('has a row for nothing that no choice brings', () => {
    const chosen = new Set(['always', ...choices.flatMap(({ components }) => components)]);

    expect(flows.map(({ when }) => when).filter((when) => !chosen.has(when))).toEqual([]);
  });

  it('is asked about the pods that there are', () => {
    const pods = choices.flatMap(({ objects }) => objects).filter(({ kind }) => kind === 'Deployment');
    expect(pods.length).toBeGreaterThan(0);

    for (const { metadata, spec } of pods as Deployment[]) {
      const party = parties.find(({ name }) => name === metadata.name);
      const { metadata: pod, spec: podSpec } = spec.template;
      expect(pod.labels).toMatchObject(party?.pod?.labels ?? { known: 'no' });
      expect(party?.ports).toEqual(
        expect.arrayContaining(
          podSpec.containers.flatMap(({ ports = [] }) =>
            ports.map(({ name, containerPort }) => ({ name, port: containerPort, protocol: 'TCP' })),
          ),
        ),
      );
    }
  });
});

describe('every policy', () => {
  it.each(mutationsOf(narrowed))('is missed: %s', (_, policy, mutation) => {
    expect(choices.some((choice) => exchanged(choice, policy, mutation)?.missing.length)).toBe(true);
  });

  it.each(mutationsOf(widened))('protects something: %s', (_, policy, mutation) => {
    expect(choices.some((choice) => exchanged(choice, policy, mutation)?.unlisted.length)).toBe(true);
  });
});

function differencesOf({ components, policies }: Pick<Choice, 'components' | 'policies'>) {
  return differences(allowedBy(policies), wantedWith(flows, components));
}

/** Every policy of every choice once, with each of its mutations. */
function mutationsOf(mutate: (policy: NetworkPolicy) => Mutation[]) {
  const policies = new Map(
    choices.flatMap((choice) => choice.policies).map((policy) => [JSON.stringify(policy), policy]),
  );
  return [...policies.values()].flatMap((policy) =>
    mutate(policy).map((mutation) => [`${nameOf(policy)} ${mutation.what}`, policy, mutation] as const),
  );
}

function nameOf({ metadata, spec }: NetworkPolicy): string {
  const namespaces = JSON.stringify(spec).match(/(?<="kubernetes.io\/metadata.name":")[^"]+/g) ?? [];
  return metadata.name.endsWith('-egress') ? `${metadata.name} to ${namespaces.join()}` : metadata.name;
}

/** What is different in a choice when a policy of it is exchanged, if it has the policy. */
function exchanged({ components, policies }: Choice, policy: NetworkPolicy, mutation: Mutation) {
  const index = policies.findIndex((one) => JSON.stringify(one) === JSON.stringify(policy));
  if (index < 0) return undefined;
  const rest = policies.toSpliced(index, 1);
  return differencesOf({
    components,
    policies: mutation.policy === undefined ? rest : [...rest, mutation.policy],
  });
}
