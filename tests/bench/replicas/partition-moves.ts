import { setTimeout as delay } from 'node:timers/promises';
import { AssignerProtocol, Kafka, logLevel } from 'kafkajs';

const lookIntervalMs = 200;

/** Watches which member of a consumer group has which partition of a topic. */
export type PartitionWatch = AsyncDisposable & {
  /** How often a partition got another member since the last call. */
  movesSince: () => number;
};

/** Starts to watch a group at a broker on this machine. */
export async function watchPartitions(port: number, topic: string, group: string): Promise<PartitionWatch> {
  const admin = new Kafka({ brokers: [`127.0.0.1:${String(port)}`], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const end = new AbortController();
  const owners = new Map<number, string>();
  let moves = 0;
  const look = async (): Promise<void> => {
    const { groups } = await admin.describeGroups([group]);
    for (const { memberId, memberAssignment } of groups.flatMap(({ members }) => members)) {
      const assigned = AssignerProtocol.MemberAssignment.decode(memberAssignment)?.assignment[topic] ?? [];
      for (const partition of assigned) {
        if (owners.has(partition) && owners.get(partition) !== memberId) moves += 1;
        owners.set(partition, memberId);
      }
    }
  };
  const watching = (async () => {
    while (!end.signal.aborted) {
      await look();
      await delay(lookIntervalMs, undefined, { signal: end.signal }).catch(() => undefined);
    }
  })();
  return {
    movesSince: () => {
      const counted = moves;
      moves = 0;
      return counted;
    },
    [Symbol.asyncDispose]: async () => {
      end.abort();
      await watching;
      await admin.disconnect();
    },
  };
}
