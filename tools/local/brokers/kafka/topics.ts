import { eventRetentionMs, eventSegmentMs, topics } from '@unity-purchase/contracts';
import kafkajs, { Kafka, logLevel, type Admin } from 'kafkajs';
import { errorText } from '../../../programs/error-text.js';
import { waitUntil } from '../../wait-until.js';

/** Node finds the other exports of this CommonJS module, but not these. */
const { ConfigResourceTypes, ConfigSource } = kafkajs;

/**
 * The number of partitions of each topic. A consumer handles one event of a partition at a time, so this limits how many
 * replicas share the work (at most 10) and how many events they handle at once. Adding partitions later would move keys
 * and break the order of a shopper's events.
 */
export const topicPartitions: Readonly<Record<string, number>> = {
  [topics.purchaseEvents]: 20,
  [topics.deadLetters]: 1,
};

/** A required setting of a topic: its value, and for a limit whether another value is good enough. */
type TopicSetting = { value: string; accepts?: (existing: number) => boolean };

const sizeMax = 1_048_588;

/** Electing leaders takes less than a second, but longer on a machine that starts other programs, too. */
const leadersWithinMs = 30_000;

/** What every topic needs to lose no event before its time, and to keep none beyond it. */
const topicSettings: Readonly<Record<string, TopicSetting>> = {
  'retention.ms': { value: String(eventRetentionMs) },
  // A limit of size would delete events that are not recorded yet.
  'retention.bytes': { value: '-1' },
  // Kafka deletes whole segments, and a segment takes events for this long.
  'segment.ms': { value: String(eventSegmentMs), accepts: (ms) => ms <= eventSegmentMs },
  // Compaction would keep a shopper's last event only: the key is the shopper.
  'cleanup.policy': { value: 'delete' },
  // Kafka's own default. The largest purchase is far smaller.
  'max.message.bytes': { value: String(sizeMax), accepts: (bytes) => bytes >= sizeMax },
};

/**
 * Makes sure that every topic exists with its partitions and settings, and changes settings that differ. The cluster decides on
 * the number of replicas. Rejects when an existing topic has too few partitions: adding some would move keys, so an operator
 * must decide.
 */
export async function ensureTopics(
  brokers: readonly string[],
  partitions: Readonly<Record<string, number>> = topicPartitions,
): Promise<void> {
  const admin = new Kafka({
    clientId: 'provisioning',
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    // The caller waits for the answer.
    retry: { retries: 2 },
  }).admin();
  try {
    await admin.connect();
    await admin.createTopics({
      // It gives up on a topic that the broker does not know yet.
      waitForLeaders: false,
      topics: Object.entries(partitions).map(([topic, numPartitions]) => ({
        topic,
        numPartitions,
        configEntries: Object.entries(topicSettings).map(([name, { value }]) => ({ name, value })),
      })),
    });
    for (const topic of Object.keys(partitions)) await waitForLeaders(admin, topic);
    const { topics: found } = await admin.fetchTopicMetadata({ topics: Object.keys(partitions) });
    for (const { name, partitions: existing } of found) {
      const wanted = partitions[name] ?? 0;
      if (existing.length < wanted)
        throw new Error(
          `the topic ${name} has ${existing.length} partitions where ${wanted} are needed. Wait until it is empty, delete it and ` +
            'try again. Or add partitions with kafka-topics --alter, which breaks the order of the events in it.',
        );
    }
    for (const topic of Object.keys(partitions)) await alignTopic(admin, topic);
  } finally {
    await admin.disconnect();
  }
}

/** Resolves when every partition of a topic answers: a new one refuses events until its leader is elected. */
async function waitForLeaders(admin: Admin, topic: string): Promise<void> {
  const hasLeaders = () =>
    admin.fetchTopicOffsets(topic).then(
      () => true as const,
      (error: unknown) => `the topic ${topic} is not ready: ${errorText(error)}`,
    );
  await waitUntil(hasLeaders, leadersWithinMs);
}

/** Gives a topic the settings that differ, and keeps the others. Rejects, naming the topic, if Kafka refuses them. */
async function alignTopic(admin: Admin, topic: string): Promise<void> {
  const resource = { type: ConfigResourceTypes.TOPIC, name: topic };
  const { resources } = await admin.describeConfigs({ resources: [resource], includeSynonyms: false });
  const entries = resources.flatMap(({ configEntries }) => configEntries);
  const valueOf = (name: string) => entries.find(({ configName }) => configName === name)?.configValue;
  const wrong = Object.entries(topicSettings).filter(([name, setting]) => !satisfies(valueOf(name), setting));
  if (wrong.length === 0) return;
  // The request replaces all settings of the topic.
  const kept = entries
    .filter(({ configSource }) => configSource === ConfigSource.TOPIC_CONFIG)
    .map(({ configName, configValue }) => [configName, configValue] as const);
  const wanted = new Map([...kept, ...wrong.map(([name, { value }]) => [name, value] as const)]);
  const configEntries = [...wanted].map(([name, value]) => ({ name, value }));
  await admin
    .alterConfigs({ validateOnly: false, resources: [{ ...resource, configEntries }] })
    .catch((cause: unknown) => {
      const names = wrong.map(([name]) => `${name} ${valueOf(name) ?? 'unset'}`).join(', ');
      throw new Error(
        `the topic ${topic} has ${names}, and Kafka refused to change it: ${errorText(cause)}`,
        {
          cause,
        },
      );
    });
}

function satisfies(existing: string | undefined, { value, accepts }: TopicSetting): boolean {
  return existing === value || (existing !== undefined && accepts?.(Number(existing)) === true);
}
