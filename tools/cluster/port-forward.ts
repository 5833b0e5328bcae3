import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { killOnExit } from '../programs/children-on-exit.js';

/** A port of this machine that leads to a pod of the cluster, until it is disposed of. */
export type PortForward = AsyncDisposable & {
  localPort: number;
  /** Resolves when kubectl has ended, for example because the pod was deleted. */
  ended: Promise<void>;
};

/** Forwards a port as `forwardPort` does. */
export type ForwardPort = (target: ForwardTarget) => Promise<PortForward>;

export type ForwardTarget = {
  context: string;
  namespace: string;
  /** `service/storefront` or `pod/kafka-0`. */
  what: string;
  port: number;
  /** Any free port by default. */
  localPort?: number | undefined;
};

/** The last lines of kubectl's errors are kept. It runs for as long as the port is forwarded. */
const linesKept = 5;

/** How long kubectl may take to listen. */
const readyTimeoutMs = 30_000;

/** Forwards a port with kubectl, on the loopback interface only. Rejects with what kubectl printed if it does not listen in time. */
export async function forwardPort(
  { context, namespace, what, port, localPort }: ForwardTarget,
  kubectl = 'kubectl',
): Promise<PortForward> {
  const args = ['--context', context, '--namespace', namespace, 'port-forward', '--address', '127.0.0.1'];
  const child = spawn(kubectl, [...args, what, `${localPort ?? ''}:${port}`], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stopKillingOnExit = child.pid === undefined ? () => undefined : killOnExit(child.pid, 'process');
  const said: string[] = [];
  const ended = new Promise<void>((resolve) => {
    child.on('error', (error) => {
      said.push(error.message);
      resolve();
    });
    child.on('close', () => {
      resolve();
    });
  }).finally(stopKillingOnExit);
  createInterface({ input: child.stderr }).on('line', (line) => {
    said.push(line);
    if (said.length > linesKept) said.shift();
  });
  const listening = new Promise<number>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const [, found] = /^Forwarding from 127\.0\.0\.1:(\d+) ->/.exec(line) ?? [];
      if (found !== undefined) resolve(Number(found));
    });
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, readyTimeoutMs);
  });
  const found = await Promise.race([listening, ended, late]);
  clearTimeout(timer);
  if (typeof found !== 'number') {
    child.kill();
    throw new Error([`kubectl does not forward a port to ${what} in ${namespace}`, ...said].join('\n'));
  }
  return {
    localPort: found,
    ended,
    [Symbol.asyncDispose]: async () => {
      child.kill();
      await ended;
    },
  };
}

/** A forward that lived for less counts as a failure. */
const steadyMs = 10_000;

/** After so many failures in a row, nothing is there to forward to. */
const failuresMax = 5;

/** New pods take a moment. */
const pauseMs = 2_000;

/**
 * Forwards a port of a Service, and again whenever kubectl ends: it stays with one pod, and autoscaling and updates end pods. `ended`
 * resolves when it failed several times in a row.
 */
export async function keepForwarding(
  target: ForwardTarget,
  forward: ForwardPort,
  pause: (ms: number) => Promise<unknown> = delay,
): Promise<PortForward> {
  let current = await forward(target);
  const { localPort } = current;
  const closing = new AbortController();
  const isClosed = (): boolean => closing.signal.aborted;
  const repeat = async (): Promise<void> => {
    let failures = 0;
    let sinceMs = performance.now();
    while (failures < failuresMax) {
      await current.ended;
      if (isClosed()) return;
      failures = performance.now() - sinceMs > steadyMs ? 0 : failures + 1;
      await pause(pauseMs);
      if (isClosed()) return;
      sinceMs = performance.now();
      // The one that ended stays the current one, if it cannot be replaced.
      current = await forward({ ...target, localPort }).catch(() => current);
      if (isClosed()) await current[Symbol.asyncDispose]();
    }
  };
  const ended = repeat();
  return {
    localPort,
    ended,
    [Symbol.asyncDispose]: async () => {
      closing.abort();
      await current[Symbol.asyncDispose]();
      await ended;
    },
  };
}
