import { describe, expect, it } from '@jest/globals';
import { mayConnect } from './evaluate.js';
import { networkPoliciesIn } from './network-policy.js';
import type { Labels } from './label-selector.js';
import type { Party, Port } from './party.js';
import { manifestsIn } from '../rendering/render.js';

/** What is easily got wrong about NetworkPolicies, as the documentation of Kubernetes says it. */
describe('a pod', () => {
  it('that no policy selects is open', () => {
    expect(reaches('podSelector: { matchLabels: { app: other } }\npolicyTypes: [Ingress]')).toBe(true);
  });

  it('that a policy selects is closed for what the policy does not allow', () => {
    expect(reaches('podSelector: { matchLabels: { app: web } }\npolicyTypes: [Ingress]')).toBe(false);
  });

  it('that a policy of another namespace would select is open', () => {
    expect(reaches('podSelector: {}\npolicyTypes: [Ingress]', { policyNamespace: 'there' })).toBe(true);
  });

  it('is selected by an empty selector, and by one that is not there', () => {
    expect(reaches('podSelector: {}\npolicyTypes: [Ingress]')).toBe(false);
    expect(reaches('policyTypes: [Ingress]')).toBe(false);
  });

  it('may do what one of its policies allows, whatever the others say', () => {
    expect(reaches('policyTypes: [Ingress]', 'ingress: [{}]')).toBe(true);
  });

  it('is reached only when both ends allow it', () => {
    const open = 'ingress: [{}]\npolicyTypes: [Ingress]';

    expect(reaches(open, 'egress: [{}]\npolicyTypes: [Egress]')).toBe(true);
    expect(reaches(open, 'policyTypes: [Egress]')).toBe(false);
    expect(reaches('policyTypes: [Ingress]', 'egress: [{}]\npolicyTypes: [Egress]')).toBe(false);
  });
});

describe('a policy without types', () => {
  it('is about what enters, though it has no rule for it', () => {
    expect(reaches('podSelector: { matchLabels: { app: web } }')).toBe(false);
  });

  it('is one whose list of types is empty, too', () => {
    expect(reaches('podSelector: { matchLabels: { app: web } }\npolicyTypes: []')).toBe(false);
  });

  it('is about what leaves only where it has a rule for that', () => {
    const client = 'podSelector: { matchLabels: { app: client } }';

    expect(reaches(client)).toBe(true);
    expect(reaches(`${client}\negress: []`)).toBe(true);
    expect(reaches(`${client}\negress: [{ to: [{ podSelector: { matchLabels: { app: other } } }] }]`)).toBe(
      false,
    );
  });

  it('ignores rules for a direction that its types leave out', () => {
    expect(
      reaches('policyTypes: [Ingress, Egress]', 'policyTypes: [Egress]\ningress: [{}]\negress: [{}]'),
    ).toBe(false);
  });
});

describe('rules', () => {
  it('that are an empty list allow nothing, one empty rule allows all', () => {
    expect(reaches('ingress: []')).toBe(false);
    expect(reaches('ingress: [{}]')).toBe(true);
  });

  it('with an empty list of peers or ports restrict neither', () => {
    expect(reaches('ingress: [{ from: [], ports: [] }]')).toBe(true);
  });
});

describe('a peer', () => {
  const inThere = { from: pod('client', 'there', { app: 'client' }) };

  it('that selects pods alone means those of its own namespace', () => {
    const policy = 'ingress: [{ from: [{ podSelector: {} }] }]';

    expect(reaches(policy)).toBe(true);
    expect(reaches(policy, inThere)).toBe(false);
  });

  it('that selects namespaces alone means all of their pods', () => {
    const policy = 'ingress: [{ from: [{ namespaceSelector: { matchLabels: { name: there } } }] }]';

    expect(reaches(policy)).toBe(false);
    expect(reaches(policy, inThere)).toBe(true);
  });

  it('that selects both means such pods in such namespaces; two peers mean either', () => {
    const both = 'namespaceSelector: { matchLabels: { name: there } }';
    const labels = 'podSelector: { matchLabels: { app: other } }';

    expect(reaches(`ingress: [{ from: [{ ${both}, ${labels} }] }]`, inThere)).toBe(false);
    expect(reaches(`ingress: [{ from: [{ ${both} }, { ${labels} }] }]`, inThere)).toBe(true);
  });

  it('is not in a list of labels that it lacks', () => {
    const policy = (operator: string) =>
      `ingress: [{ from: [{ podSelector: { matchExpressions: [{ key: tier, operator: ${operator} }] } }] }]`;

    expect(reaches(policy('In, values: [a]'))).toBe(false);
    expect(reaches(policy('NotIn, values: [a]'))).toBe(true);
    expect(reaches(policy('Exists'))).toBe(false);
    expect(reaches(policy('DoesNotExist'))).toBe(true);
  });

  it('that is a block of addresses leaves out its exceptions and the other family', () => {
    const policy = 'ingress: [{ from: [{ ipBlock: { cidr: 0.0.0.0/0, except: [10.0.0.0/8] } }] }]';
    const ipv6 = 'ingress: [{ from: [{ ipBlock: { cidr: "::/0" } }] }]';

    expect(reaches(policy, { from: outside('192.0.2.1') })).toBe(true);
    expect(reaches(policy, { from: outside('10.1.2.3') })).toBe(false);
    expect(reaches(ipv6, { from: outside('192.0.2.1') })).toBe(false);
    expect(reaches(ipv6, { from: outside('2001:db8::1') })).toBe(true);
  });

  it('that selects pods never means what is outside the cluster', () => {
    expect(reaches('ingress: [{ from: [{ namespaceSelector: {} }] }]', { from: outside('192.0.2.1') })).toBe(
      false,
    );
  });
});

describe('a port', () => {
  it('is TCP where nothing else is said', () => {
    expect(reaches('ingress: [{ ports: [{ port: 80 }] }]')).toBe(true);
    expect(reaches('ingress: [{ ports: [{ port: 80 }] }]', { port: { port: 80, protocol: 'UDP' } })).toBe(
      false,
    );
  });

  it('without a number is every port of its protocol', () => {
    expect(reaches('ingress: [{ ports: [{ protocol: TCP }] }]')).toBe(true);
    expect(reaches('ingress: [{ ports: [{ protocol: UDP }] }]')).toBe(false);
  });

  it('ends a range with the last one', () => {
    expect(reaches('ingress: [{ ports: [{ port: 70, endPort: 80 }] }]')).toBe(true);
    expect(reaches('ingress: [{ ports: [{ port: 70, endPort: 79 }] }]')).toBe(false);
  });

  it("with a name is the receiver's of that name, in both directions", () => {
    expect(reaches('ingress: [{ ports: [{ port: http }] }]')).toBe(true);
    expect(reaches('egress: [{ ports: [{ port: http }] }]\npolicyTypes: [Egress]')).toBe(true);
    expect(reaches('ingress: [{ ports: [{ port: other }] }]')).toBe(false);
  });
});

describe('a policy that Kubernetes would misinterpret', () => {
  it.each([
    ['an unknown field', 'podSelectors: {}'],
    ['a selector at the wrong place', 'ingress: [{ from: [{ matchLabels: { app: web } }] }]'],
    [
      'a block of addresses beside a selector',
      'ingress: [{ from: [{ ipBlock: { cidr: 0.0.0.0/0 }, podSelector: {} }] }]',
    ],
    ['a peer about nobody', 'ingress: [{ from: [{}] }]'],
    ['`to` for what enters', 'ingress: [{ to: [{ podSelector: {} }] }]'],
  ])('is refused: %s', (_, spec) => {
    expect(() => policy(spec, 'here')).toThrow();
  });
});

type Circumstances = { from?: Party; port?: Port; policyNamespace?: string };

/** Whether the client reaches port 80 of the web pod, both in the namespace `here`, with these policies there. */
function reaches(...given: (string | Circumstances)[]): boolean {
  const specs = given.filter((one) => typeof one === 'string');
  const {
    from = pod('client', 'here', { app: 'client' }),
    port = { port: 80, protocol: 'TCP' },
    policyNamespace = 'here',
  } = Object.assign({}, ...given.filter((one) => typeof one !== 'string')) as Circumstances;
  const to = pod('web', 'here', { app: 'web' });
  return mayConnect(
    specs.flatMap((spec) => policy(spec, policyNamespace)),
    { from, to, port },
  );
}

function policy(spec: string, namespace: string) {
  return networkPoliciesIn(
    manifestsIn(`apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: one, namespace: ${namespace} }
spec:
${spec.replace(/^/gm, '  ')}`),
  );
}

function pod(name: string, namespace: string, labels: Labels): Party {
  return {
    name,
    pod: { namespace, namespaceLabels: { name: namespace }, labels },
    addresses: ['10.0.0.1'],
    ports: [{ port: 80, protocol: 'TCP', name: 'http' }],
  };
}

function outside(address: string): Party {
  return { name: address, addresses: [address], ports: [] };
}
