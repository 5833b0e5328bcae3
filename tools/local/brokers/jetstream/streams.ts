import {
  DiscardPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  type JetStreamManager,
  type StreamConfig,
} from '@nats-io/jetstream';
import { eventRetentionMs, topics } from '@unity-purchase/contracts';
import { errorText } from '../../../programs/error-text.js';
import { differencesIn, unchangeable } from '../../servers/setting-differences.js';
import { connectTo } from './connect-to.js';

/** Within this time, NATS stores an event once even if its acknowledgement was lost and it is sent again. */
const duplicateWindowMs = 2 * 60 * 1_000;

const nanoseconds = (ms: number): number => ms * 1_000_000;

/** NATS cannot change these, or would lose events while it does. */
const fixedSettings = (name: string) =>
  ({
    subjects: [name],
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    sealed: false,
  }) satisfies Partial<StreamConfig>;

/** What provisioning changes in an existing stream. Limits of size stay: see `discard`. */
const changeableSettings = {
  max_age: nanoseconds(eventRetentionMs),
  // At a limit that an operator set, NATS must refuse new events. By default it would delete old ones.
  discard: DiscardPolicy.New,
  max_msgs_per_subject: -1,
  duplicate_window: nanoseconds(duplicateWindowMs),
  // A stream that acknowledges nothing accepts nothing either.
  no_ack: false,
} satisfies Partial<StreamConfig>;

/**
 * Makes sure that each topic has a stream with a subject of the same name, and that the stream keeps events for as long as
 * required. Dapr creates no streams, and publishing to a subject without a stream fails. A dead letter keeps the id of its
 * event, so both need their own stream: duplicate detection within one stream would discard the dead letter. Rejects, naming
 * the stream and the setting, for a difference that cannot be changed.
 */
export async function ensureStreams(
  natsUrl: string,
  names: readonly string[] = Object.values(topics),
): Promise<void> {
  const connection = await connectTo(natsUrl);
  try {
    const manager = await jetstreamManager(connection);
    for (const name of names) await ensureStream(manager, name);
  } finally {
    await connection.close();
  }
}

async function ensureStream(manager: JetStreamManager, name: string): Promise<void> {
  const existing = await findStream(manager, name);
  if (existing === undefined) {
    const { subjects, storage, retention } = fixedSettings(name);
    await manager.streams
      .add({ name, subjects, storage, retention, ...changeableSettings })
      .catch(rejectNaming(`the stream ${name} could not be created`));
    return;
  }
  const fixed = differencesIn(existing, fixedSettings(name));
  if (fixed.length > 0)
    throw unchangeable(
      `the stream ${name}`,
      fixed,
      'Stop the services, wait until every event is recorded, delete it and try again.',
    );
  if (differencesIn(existing, changeableSettings).length > 0)
    await manager.streams
      .update(name, changeableSettings)
      .catch(rejectNaming(`the stream ${name} could not be changed`));
}

function isOn(setting: boolean | undefined): boolean {
  return setting === true;
}

function rejectNaming(what: string): (cause: unknown) => never {
  return (cause) => {
    throw new Error(`${what}: ${errorText(cause)}`, { cause });
  };
}

/** NATS leaves out some settings that are off. */
async function findStream(manager: JetStreamManager, name: string): Promise<StreamConfig | undefined> {
  try {
    const { config } = await manager.streams.info(name);
    return { ...config, no_ack: isOn(config.no_ack), sealed: isOn(config.sealed) };
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound)
      return undefined;
    throw error;
  }
}
