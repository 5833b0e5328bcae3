import type { Component } from '../runner/resource-documents.js';
import type { ServerDefinition } from './server-definition.js';

/** Where the metadata of a component holds the address of its server. */
export type AddressMetadata = {
  /** The metadata key. */
  key: string;
  /** `host` is `host:port`, several separated by commas; `url` has a scheme and may have a user and a path. */
  form: 'host' | 'url';
  /** An environment variable whose value replaces an address, and the metadata key that gets the value. */
  environment?: { variable: string; key: string };
};

/** Takes some events of a topic, each as the text of its message. More are read when it resolves. */
export type TakeEvents = (events: string[]) => Promise<void>;

/** How a server runs in a cluster of your own, in the folder of k8s/plain-servers that has the server's name. */
export type PlainServer = {
  /** The port of its pod for provisioning. Without it, nothing has to be provisioned. */
  provisioningPort?: number;
  /** Whether the port of this machine that leads there must be the same, because the server sends its clients to it. */
  needsSamePort?: boolean;
};

/** A Dapr component that connects to a server. */
export type ServerComponent = {
  /** The component's `spec.type`, for example `pubsub.redis`. */
  type: string;
  server: ServerDefinition;
  address: AddressMetadata;
  /**
   * Makes a broker ready for one component. It creates the topic, stream, queue or session that must exist before the first event
   * is published, compares what exists with what the component requires, and changes what can be changed. Rejects, naming it
   * and the setting, for anything else. Stores have none. It loads the broker's client only when it is called, as `readTopic` does: a
   * start must not wait for the clients of all brokers.
   */
  provision?: (address: string, component: Component, topic: string) => Promise<void>;
  /**
   * Reads what a topic has retained up to now, some events at a time. Its consumers are not disturbed. A broker that deletes what was
   * acknowledged has none.
   */
  readTopic?: (address: string, component: Component, topic: string, take: TakeEvents) => Promise<void>;
  /**
   * How long an outage of the broker may last before the component may not recover by itself. After a longer one, the runner
   * restarts the sidecars when the broker is back. Without it, the component recovers from any outage.
   */
  recoversFrom?: {
    outageMs: number;
    /** From any outage, if the sidecar is built here. */ fixedInOurBuild: boolean;
  };
  /**
   * Whether an official sidecar reports publications as done that the broker refused or never confirmed. A sidecar that is built
   * here does not.
   */
  acknowledgesFalsely?: boolean;
  /** How its server runs in a cluster of your own. Without it, it does not. */
  plainServer?: PlainServer;
  /** Parts of log lines that a sidecar writes at every start or stop and that need no attention. */
  routineSidecarLines?: readonly string[];
};

/** A Dapr component that keeps its data in a file of the sidecar's own. */
export type EmbeddedComponent = {
  type: string;
  server?: undefined;
  /** The metadata key with the path of the file, and what it is for people. */
  file: { key: string; title: string };
};

/** What the tools know about a broker or a store: the Dapr component for it, and the server behind the component. */
export type ComponentDefinition = ServerComponent | EmbeddedComponent;
