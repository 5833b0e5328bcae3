import type { ProcessSpec } from '../runner/supervised-process.js';

/** Ports by the name of a server, in the order of the definition's default ports. */
export type ServerPorts = Readonly<Partial<Record<string, readonly number[]>>>;

/** One process of a server. */
export type ServerProcess = {
  spec: ProcessSpec;
  /** Resolves to `true` when the process answers in its own protocol, otherwise to what is missing. */
  isReady: () => Promise<true | string>;
  /** Whether a line of its output says that it answers, but stores nothing more until it is restarted. */
  storesNothingAfter?: (line: string) => boolean;
  /** Resolves to the ids of its processes that left its process group. */
  outsideGroup?: () => Promise<number[]>;
};

/** Where a server runs. */
export type ServerLocation = {
  /** Holds its configuration and its data. Data from an earlier run is used again. */
  folder: string;
  /** One port for each of the definition's default ports. */
  ports: readonly number[];
};

/** A broker or database that runs as plain processes on the loopback interface, without containers. */
export type ServerDefinition = {
  /** Names its processes, its data folder, and its service in compose.yaml. */
  name: string;
  /** Its name and version for people. */
  title: string;
  /** The port for clients first, then the ports that its own processes use among themselves. */
  defaultPorts: readonly [number, ...number[]];
  /**
   * Makes sure that its programs are on this machine and resolves to their names and versions. Rejects with what was tried
   * when a program cannot be obtained.
   */
  obtain: () => Promise<string>;
  /** Resolves to `true` when a server of this kind answers on a port of 127.0.0.1, otherwise to what is missing. */
  answers: (port: number) => Promise<true | string>;
  /** Its processes in the order to start them. Each must be ready before the next one starts. */
  processes: (location: ServerLocation) => Promise<ServerProcess[]>;
};
