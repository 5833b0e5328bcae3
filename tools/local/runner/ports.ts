import { connect } from 'node:net';
import { canListen } from './free-ports.js';

/** A port of 127.0.0.1 and the process that will listen on it. */
export type PortNeed = { port: number; neededBy: string };

/** On this machine a connection succeeds or fails at once. The timeout is for a firewall that drops packets. */
const connectTimeoutMs = 1_000;

/**
 * Resolves when every port is free. Otherwise rejects with one message that lists the ports that are taken or needed twice,
 * with the processes that need them.
 */
export async function requireFreePorts(needs: readonly PortNeed[]): Promise<void> {
  const problems: string[] = [];
  for (const [port, neededBy] of byPort(needs)) {
    if (neededBy.length > 1) problems.push(`${port} is needed twice: ${neededBy.join(' and ')}`);
    else if (await isTaken(port)) problems.push(`${port}, needed by ${neededBy.join()}`);
  }
  if (problems.length === 0) return;
  throw new Error(
    [
      'These ports of 127.0.0.1 are not free:',
      ...problems.map((problem) => `- ${problem}`),
      'Nothing was started. Stop what listens there (is the system already running?) and try again.',
    ].join('\n'),
  );
}

/** Whether a process accepts connections on a port. */
export async function isListening(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host, timeout: connectTimeoutMs });
    const finish = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => {
      finish(true);
    });
    socket.once('error', () => {
      finish(false);
    });
    socket.once('timeout', () => {
      finish(false);
    });
  });
}

/** Whether one member of a cluster accepts connections, which is enough: it tells clients about the others. */
export async function anyIsListening(hosts: readonly { host: string; port: number }[]): Promise<boolean> {
  const answers = await Promise.all(hosts.map(({ host, port }) => isListening(port, host)));
  return answers.includes(true);
}

/** Tests both ways: macOS lets a process listen on 127.0.0.1 while another listens on the same port of every address. */
async function isTaken(port: number): Promise<boolean> {
  return (await isListening(port)) || !(await canListen(port));
}

function byPort(needs: readonly PortNeed[]): Map<number, string[]> {
  const owners = new Map<number, string[]>();
  for (const { port, neededBy } of needs) owners.set(port, [...(owners.get(port) ?? []), neededBy]);
  return owners;
}
