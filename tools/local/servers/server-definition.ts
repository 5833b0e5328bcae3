import type { ProcessSpec } from '../runner/supervised-process.js';

/** The brokers and databases that can be run on this machine. */
export const serverNames = [
  'kafka',
  'mongodb',
  'nats',
  'redis',
  'rabbitmq',
  'mosquitto',
  'postgresql',
] as const;

export type ServerName = (typeof serverNames)[number];

/** The ports of servers, each list in the order of the definition's default ports. */
export type ServerPorts = Readonly<Partial<Record<ServerName, readonly number[]>>>;

/** One process of a server. */
export type ServerProcess = {
  spec: ProcessSpec;
  /** `true` when it answers in its own protocol, or what is missing. */
  isReady: () => Promise<true | string>;
};

/** Where a server is to run. */
export type ServerPlace = {
  /** For its configuration and its data; what an earlier run left there is used again. */
  folder: string;
  /** One for each of the definition's default ports. */
  ports: readonly number[];
};

/** A broker or database as plain processes on the loopback interface, without containers. */
export type ServerDefinition = {
  name: ServerName;
  /** What it is, for people. */
  title: string;
  /** The port that clients use, then those that its own processes use among themselves. */
  defaultPorts: readonly [number, ...number[]];
  /**
   * Makes sure that its programs are on this machine; resolves to what they are, with their versions. Rejects, saying what
   * was tried, when they cannot be had.
   */
  obtain: () => Promise<string>;
  /** `true` when a server of this kind answers on a port of 127.0.0.1. */
  answers: (port: number) => Promise<true | string>;
  /** Its processes in the order of their start: each must be ready before the next one is started. */
  processes: (place: ServerPlace) => Promise<ServerProcess[]>;
};
