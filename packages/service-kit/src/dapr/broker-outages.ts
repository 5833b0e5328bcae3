import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { toError } from '../errors/to-error.js';
import type { Logger } from '../logs/logger.js';

/** Where the broker accepts connections, and how long an outage its clients survive. */
export type BrokerWatch = { hosts: readonly BrokerHost[]; outageMaxMs: number };

/** A member of the broker. */
export type BrokerHost = { host: string; port: number };

type Options = BrokerWatch & {
  /** Ends the sidecar. Its supervisor starts it again. */
  endSidecar: () => Promise<void>;
  logger: Logger;
  signal: AbortSignal;
  /** Resolves to whether a member of the broker accepts connections. */
  isThere?: (hosts: readonly BrokerHost[]) => Promise<boolean>;
  /** The pause between two looks at the broker. */
  intervalMs?: number;
  /** The replicas end their sidecars one after another within this time. */
  spreadMs?: number;
};

const connectTimeoutMs = 1_000;

/**
 * Ends the sidecar once the broker is back after a long outage, until the signal aborts. The clients in some sidecars give up
 * after two minutes and never reconnect, and their health checks do not notice. During the outage the sidecar stays, because
 * without its broker it would not start again, and histories could not be read.
 */
export async function recoverFromBrokerOutages(options: Options): Promise<void> {
  const { hosts, outageMaxMs, endSidecar, logger, signal } = options;
  const { isThere = acceptsConnections, intervalMs = 1_000, spreadMs = 5_000 } = options;
  const pause = (ms: number) => delay(ms, undefined, { signal, ref: false }).catch(() => undefined);
  let awaySinceMs: number | undefined;
  const look = async (): Promise<void> => {
    if (!(await isThere(hosts))) {
      awaySinceMs ??= performance.now();
      return;
    }
    const awayMs = awaySinceMs === undefined ? 0 : performance.now() - awaySinceMs;
    awaySinceMs = undefined;
    if (awayMs <= outageMaxMs) return;
    await pause(Math.random() * spreadMs);
    logger.warn({ awayMs: Math.round(awayMs) }, 'the broker is back, so the sidecar is restarted');
    await endSidecar().catch((thrown: unknown) => {
      logger.error({ err: toError(thrown) }, 'the sidecar could not be ended');
    });
  };
  while (!signal.aborted) {
    await look();
    await pause(intervalMs);
  }
}

/** Whether one member accepts connections, which is enough: it tells clients about the others. */
export async function acceptsConnections(hosts: readonly BrokerHost[]): Promise<boolean> {
  return (await Promise.all(hosts.map(acceptsConnection))).includes(true);
}

function acceptsConnection({ host, port }: BrokerHost): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: connectTimeoutMs });
    const finish = (answer: boolean) => () => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', finish(true)).once('error', finish(false)).once('timeout', finish(false));
  });
}
