import { describe, expect, it } from '@jest/globals';
import { everyChoice, type Choice } from './choices.js';
import { allowedBy, differences } from './connections.js';
import { expectedWith, readFlows } from './flows.js';
import { narrowed, widened, type Mutation } from './mutations.js';
import type { NetworkPolicy } from './network-policy.js';
import { parties } from './parties.js';
import { deploymentsIn } from '../policies/policy.js';

const [flows, choices] = await Promise.all([readFlows(), everyChoice()]);

describe('the allowed connections', () => {
  it.each(choices.map((choice) => [choice.name, choice] as const))(
    'are exactly those in the table: %s',
    (_, choice) => {
      expect(differencesOf(choice)).toEqual({ missing: [], unlisted: [] });
    },
  );

  it('need no row for a component that no combination has', () => {
    const chosen = new Set(['always', ...choices.flatMap(({ components }) => components)]);

    expect(flows.map(({ when }) => when).filter((when) => !chosen.has(when))).toEqual([]);
  });

  it('are computed for all of our pods, with their labels and ports', () => {
    const pods = choices.flatMap(({ objects }) => deploymentsIn(objects));
    expect(pods.length).toBeGreaterThan(0);

    for (const { metadata, spec } of pods) {
      const party = parties.find(({ name }) => name === metadata.name);
      const { metadata: pod, spec: podSpec } = spec.template;
      expect(pod.labels).toMatchObject(party?.pod?.labels ?? { known: 'no' });
      expect(party?.ports).toEqual(
        expect.arrayContaining(
          podSpec.containers.flatMap(({ ports }) =>
            ports.map(({ name, containerPort }) => ({ name, port: containerPort, protocol: 'TCP' })),
          ),
        ),
      );
    }
  });
});

describe('every network policy', () => {
  it.each(mutationsOf(narrowed))(
    'needs each of its permissions: %s breaks a connection',
    (_, policy, mutation) => {
      expect(choices.some((choice) => differencesAfter(choice, policy, mutation)?.missing.length)).toBe(true);
    },
  );

  it.each(mutationsOf(widened))(
    'needs each of its restrictions: %s opens a connection',
    (_, policy, mutation) => {
      expect(choices.some((choice) => differencesAfter(choice, policy, mutation)?.unlisted.length)).toBe(
        true,
      );
    },
  );
});

function differencesOf({ components, policies }: Pick<Choice, 'components' | 'policies'>) {
  return differences(allowedBy(policies), expectedWith(flows, components));
}

/** Each mutation of each distinct policy of all combinations. */
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

/** The differences of a combination with a mutated policy, if it has the policy. */
function differencesAfter({ components, policies }: Choice, policy: NetworkPolicy, mutation: Mutation) {
  const index = policies.findIndex((one) => JSON.stringify(one) === JSON.stringify(policy));
  if (index < 0) return undefined;
  const rest = policies.toSpliced(index, 1);
  return differencesOf({
    components,
    policies: mutation.policy === undefined ? rest : [...rest, mutation.policy],
  });
}
