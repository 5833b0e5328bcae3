import { beforeAll, describe, expect, test } from '@jest/globals';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot, upstreamFolder } from '@unity-purchase/tools';
import { clusterBrokers, type Broker } from '../brokers/cluster-brokers.js';
import { renderedCombinations, type RenderedCombination } from '../rendering/combinations.js';
import {
  componentProblems,
  isProven,
  isComponent,
  readComponentSchema,
  undocumentedKeys,
  type Component,
} from './components.js';
import { readScalers, triggerProblems, type Scaler, type ScaledObject } from './triggers.js';
import { distinctObjects, manifestsIn, type Manifest } from '../rendering/render.js';

let scalers: ReadonlyMap<string, Scaler>;
let renders: RenderedCombination[];

beforeAll(async () => {
  scalers = await readScalers();
  renders = await renderedCombinations();
}, 300_000);

/** The objects of all renders. */
function rendered(): Manifest[] {
  return renders.flatMap(({ objects }) => objects);
}

async function problemsOf(components: readonly Component[]): Promise<string[]> {
  const problems: string[] = [];
  for (const component of distinctObjects(components)) {
    const { type, version } = component.spec;
    problems.push(...componentProblems(component, await readComponentSchema(type, version)));
  }
  return problems;
}

describe('the triggers for KEDA', () => {
  test("are valid for KEDA's scalers in every combination", () => {
    expect([...new Set(renders.flatMap(({ objects }) => triggerProblems(objects, scalers)))]).toEqual([]);
  });

  test('exist for both services with every broker', () => {
    for (const { broker, objects } of renders) {
      const triggers = objects
        .filter((object): object is ScaledObject => object.kind === 'ScaledObject')
        .map(({ metadata, spec }) => [metadata.name, spec.triggers[0]?.type]);
      expect(Object.fromEntries(triggers)).toEqual({
        storefront: 'prometheus',
        'purchase-service': clusterBrokers[broker].scaler.type,
      });
    }
  });

  describe('a mistake is found:', () => {
    /** The problems of a render after a change of the purchase-service's trigger. */
    function problemsAfter(broker: Broker, change: (metadata: Record<string, string>) => void) {
      const objects = structuredClone(renders.find((render) => render.broker === broker)?.objects ?? []);
      const scaledObject = objects.find(
        (object): object is ScaledObject =>
          object.kind === 'ScaledObject' && object.metadata.name === 'purchase-service',
      );
      change(scaledObject?.spec.triggers[0]?.metadata ?? {});
      return triggerProblems(objects, scalers);
    }

    test('a misspelt key, for which KEDA would use the default of 10', () => {
      const problems = problemsAfter('kafka', (metadata) => {
        metadata['lagThreshhold'] = '100';
      });
      expect(problems).toEqual(['purchase-service (kafka): lagThreshhold is an unknown key']);
    });

    test('a misspelt required key, which is also reported as missing', () => {
      const problems = problemsAfter('kafka', (metadata) => {
        delete metadata['consumerGroup'];
        metadata['consumerGrup'] = 'purchase-service';
      });
      expect(problems).toEqual([
        'purchase-service (kafka): consumerGrup is an unknown key',
        'purchase-service (kafka): consumerGroup is missing',
      ]);
    });

    test('a text instead of a number, and a value that is not allowed', () => {
      const problems = problemsAfter('kafka', (metadata) => {
        metadata['lagThreshold'] = 'ten';
        metadata['offsetResetPolicy'] = 'oldest';
        metadata['allowIdleConsumers'] = 'no';
      });
      expect(problems.sort()).toEqual([
        'purchase-service (kafka): allowIdleConsumers: "no" is not a bool',
        'purchase-service (kafka): lagThreshold: "ten" is not a number',
        'purchase-service (kafka): offsetResetPolicy: "oldest" is not one of latest, earliest',
      ]);
    });

    test('a missing Redis address', () => {
      const problems = problemsAfter('redis', (metadata) => {
        delete metadata['address'];
      });
      const expected = 'needs one of address, addresses, host and port, hosts and ports';
      expect(problems).toEqual([`purchase-service (redis-streams): ${expected}`]);
    });

    test('a missing authentication, and one with an unknown parameter', () => {
      const scaledObject = manifestsIn(`
        apiVersion: keda.sh/v1alpha1
        kind: ScaledObject
        metadata: { name: a }
        spec:
          triggers:
            - type: nats-jetstream
              metadata: { stream: s, consumer: c }
              authenticationRef: { name: present }
            - type: rabbitmq
              metadata: { queueName: q, mode: QueueLenght, value: "10", hostFromEnv: HOST }
              authenticationRef: { name: absent }
            - type: rabbitmq
              metadata: { queueName: q, mode: QueueLenght, value: "10", hostFromEnv: HOST }`);
      const authentication = manifestsIn(`
        apiVersion: keda.sh/v1alpha1
        kind: TriggerAuthentication
        metadata: { name: present }
        spec:
          secretTargetRef:
            - { parameter: natsServerMonitoringEndpoint, name: s, key: k }
            - { parameter: pasword, name: s, key: k }`);
      expect(triggerProblems([...scaledObject, ...authentication], scalers)).toEqual([
        'a (nats-jetstream): pasword is not read from a TriggerAuthentication',
        'a (rabbitmq): no TriggerAuthentication absent',
        'a (rabbitmq): mode: "QueueLenght" is not one of QueueLength, MessageRate',
      ]);
    });
  });
});

describe('the metadata of Dapr components', () => {
  test('is valid in every combination', async () => {
    const components = rendered().filter(isComponent);
    expect(new Set(components.map(({ metadata }) => metadata.name))).toEqual(
      new Set(['pubsub', 'dead-letters', 'statestore', 'secrets']),
    );
    expect(await problemsOf(components)).toEqual([]);
  });

  test('is valid on one machine, too, with every broker and store', async () => {
    const root = join(projectRoot, 'components');
    const files = (await readdir(root, { recursive: true })).filter((name) => name.endsWith('.yaml'));
    const texts = await Promise.all(files.map((name) => readFile(join(root, name), 'utf8')));
    const components = texts.flatMap(manifestsIn).filter(isComponent);
    expect([...new Set(components.map(({ spec }) => spec.type))].sort()).toEqual([
      'pubsub.jetstream',
      'pubsub.kafka',
      'pubsub.mqtt3',
      'pubsub.rabbitmq',
      'pubsub.redis',
      'secretstores.local.file',
      'state.mongodb',
      'state.postgresql',
      'state.redis',
      'state.sqlite',
    ]);
    expect(await problemsOf(components)).toEqual([]);
  });

  test.each(undocumentedKeys)('may contain $key.name, which $file reads', async (undocumentedKey) => {
    expect(await isProven(undocumentedKey)).toBe(true);
  });

  test('is checked against the components of the installed Dapr version', async () => {
    const [dapr, components] = await Promise.all([upstreamFolder('dapr'), upstreamFolder('dapr-components')]);
    const named = /components-contrib (v\S+)/.exec(await readFile(join(dapr, 'go.mod'), 'utf8'))?.[1];
    expect(components).toMatch(new RegExp(`@${named ?? 'none'}$`));
  });

  describe('a mistake is found:', () => {
    const kafka = (metadata: string, type = 'pubsub.kafka'): Component[] =>
      manifestsIn(`
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: pubsub }
        spec:
          type: ${type}
          version: v1
          metadata: [${metadata}]`).filter(isComponent);
    const brokersKey = '{ name: brokers, value: a }';
    const open = '{ name: authType, value: none }';

    test.each([
      {
        what: 'a misspelt key',
        component: kafka(`${brokersKey}, ${open}, { name: consumerGrup, value: purchase-service }`),
        problems: ['consumerGrup is an unknown key'],
      },
      {
        what: 'a required key that is missing',
        component: kafka(open),
        problems: ['brokers is missing'],
      },
      {
        what: 'a number without quotes, an invalid duration, an offset of another product',
        component: kafka(
          `${brokersKey}, ${open}, { name: maxMessageBytes, value: 5 }, { name: sessionTimeout, value: soon },
           { name: initialOffset, value: earliest }`,
        ),
        problems: [
          'maxMessageBytes: 5 is not in quotes',
          'sessionTimeout: "soon" is not a duration',
          'initialOffset: "earliest" is not one of newest, oldest',
        ],
      },
      {
        what: 'a client certificate without its key',
        component: kafka(
          `${brokersKey}, { name: authType, value: mtls }, { name: caCert, value: a }, { name: clientCert, value: b }`,
        ),
        problems: [
          'no authentication profile is complete',
          'authType is an unknown key',
          'caCert is an unknown key',
          'clientCert is an unknown key',
        ],
      },
      {
        what: 'a concurrency mode for a component that does not read it',
        component: kafka(`${brokersKey}, ${open}, { name: concurrencyMode, value: single }`),
        problems: ['concurrencyMode is an unknown key'],
      },
      {
        what: "the key that RabbitMQ's component documents but does not read",
        component: kafka(
          '{ name: connectionString, value: a }, { name: concurrency, value: single }',
          'pubsub.rabbitmq',
        ),
        problems: ['concurrency is an unknown key'],
      },
    ])('$what', async ({ component, problems }) => {
      const type = component[0]?.spec.type ?? '';
      expect(await problemsOf(component)).toEqual(problems.map((problem) => `pubsub (${type}): ${problem}`));
    });

    test('an unknown component, and an unknown version', async () => {
      await expect(readComponentSchema('pubsub.kafkaa', 'v1')).rejects.toThrow('no component pubsub.kafkaa');
      await expect(readComponentSchema('state.postgresql', 'v3')).rejects.toThrow('no component');
      await expect(readComponentSchema('state.redis', 'v2')).rejects.toThrow('not v2');
    });
  });
});
