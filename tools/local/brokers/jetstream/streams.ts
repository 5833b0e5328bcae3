import {
  JetStreamApiCodes,
  JetStreamApiError,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  type JetStreamManager,
  type StreamInfo,
} from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { topics } from '@unity-purchase/contracts';
import { errorText } from '../../../programs/error-text.js';

/** Within this time, NATS stores an event once even if its acknowledgement was lost and it is sent again. */
const duplicateWindowMs = 2 * 60 * 1_000;

/**
 * Makes sure that each topic has a stream with a subject of the same name. Dapr creates no streams, and publishing to a
 * subject without a stream fails. A dead letter keeps the id of its event, so both need their own stream: duplicate detection
 * within one stream would discard the dead letter. Existing streams stay as they are. Rejects when one of them has other
 * subjects or is not stored on disk.
 */
export async function ensureStreams(
  natsUrl: string,
  names: readonly string[] = Object.values(topics),
): Promise<void> {
  const connection = await connect({ servers: natsUrl, reconnect: false, timeout: 5_000 });
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
    await manager.streams
      .add({
        name,
        subjects: [name],
        storage: StorageType.File,
        retention: RetentionPolicy.Limits,
        duplicate_window: duplicateWindowMs * 1_000_000,
      })
      .catch((cause: unknown) => {
        throw new Error(`the stream ${name} could not be created: ${errorText(cause)}`, { cause });
      });
    return;
  }
  const { subjects, storage } = existing.config;
  if (subjects.join() !== name)
    throw new Error(`the stream ${name} has the subjects ${subjects.join(', ')}; expected only ${name}`);
  if (storage !== StorageType.File)
    throw new Error(`the stream ${name} is stored in memory; a restart of the broker would lose every event`);
}

async function findStream(manager: JetStreamManager, name: string): Promise<StreamInfo | undefined> {
  try {
    return await manager.streams.info(name);
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound)
      return undefined;
    throw error;
  }
}
