import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { connectJetstreamBacklog } from './load/jetstream-backlog.js';
import { connectKafkaBacklog } from './load/kafka-backlog.js';
import type { BacklogWriter } from './load/backlog.js';
import type { Worker } from './results.js';

/** A broker and a store on which only recording is compared. */
export type Pair = {
  title: string;
  /** The size of the backlog in a full run: as many as the pair records in about two minutes, with all rounds. */
  backlogMax: number;
  broker: string;
  store: string;
  /** The program in `direct/` that records without a sidecar. */
  program: string;
  /** The names of the servers, the broker first. */
  servers: readonly [broker: Server, ...store: Server[]];
  connectBacklog: (address: string) => Promise<BacklogWriter>;
  /** The address of the store for a client. An embedded one is a file in the data folder. */
  storeUrl: (places: { addressOf: (server: string) => string; dataDir: string }) => string;
};

type Server = readonly [Worker, name: string];

/** The pairs besides the main pair. The main pair is compared in everything it does. */
export const otherPairs: readonly Pair[] = [
  {
    title: 'Kafka + PostgreSQL',
    backlogMax: 10_000,
    broker: 'kafka',
    store: 'postgresql',
    program: 'kafka-postgresql-recorder',
    servers: [
      ['Kafka', 'kafka'],
      ['PostgreSQL', 'postgresql'],
    ],
    connectBacklog: connectKafkaBacklog,
    storeUrl: ({ addressOf }) => `postgres://postgres@${addressOf('postgresql')}/postgres`,
  },
  {
    title: 'JetStream + SQLite',
    backlogMax: 5_000,
    broker: 'jetstream',
    store: 'sqlite',
    program: 'jetstream-sqlite-recorder',
    servers: [['NATS', 'nats']],
    connectBacklog: connectJetstreamBacklog,
    storeUrl: ({ dataDir }) => pathToFileURL(join(dataDir, 'direct.db')).href,
  },
];
