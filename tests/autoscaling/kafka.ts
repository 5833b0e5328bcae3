import { join } from 'node:path';
import { brokers, ensureTopics, findFreePorts } from '@unity-purchase/tools';
import type { ControlPlane } from '../kubernetes/control-plane/control-plane.js';

/** A run's real Kafka. */
export type KafkaServer = {
  address: string;
  stop: () => Promise<void>;
  restart: () => Promise<void>;
};

const readyTimeoutMs = 60_000;

/** Starts Kafka on a free port and creates the product's topics. */
export async function startKafka({ add, processes, folder }: ControlPlane): Promise<KafkaServer> {
  const ports = await findFreePorts(2);
  const parts = await brokers.kafka.server.processes({ folder: join(folder, 'kafka'), ports });
  await add(parts);
  const address = `127.0.0.1:${ports[0] ?? 0}`;
  await ensureTopics([address]);
  const names = parts.map(({ spec }) => spec.name);
  return {
    address,
    stop: async () => {
      for (const name of names) await processes.process(name).stop();
    },
    restart: async () => {
      for (const name of names) {
        await processes.process(name).start();
        await processes.waitUntilReady(name, readyTimeoutMs);
      }
    },
  };
}
