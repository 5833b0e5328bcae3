import { connect } from 'node:net';
import { canListen } from './free-ports.js';

/** A port of 127.0.0.1 and what is going to listen there. */
export type PortNeed = { port: number; neededBy: string };

/** A connection on one machine is there or refused at once; this is for one that a firewall swallows. */
const connectTimeoutMs = 1_000;

/**
 * Resolves when every port can be had; else rejects with one message that lists all that are taken, or wanted twice, with
 * what needs each.
 */
export async function requireFreePorts(needs: readonly PortNeed[]): Promise<void> {
  const problems: string[] = [];
  for (const [port, neededBy] of byPort(needs)) {
    if (neededBy.length > 1) problems.push(`${port} is wanted twice: ${neededBy.join(' and ')}`);
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

/** Whether something accepts connections there. */
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

/** Asks both ways: macOS lets one listen on 127.0.0.1 while another listens on the same port of every address. */
async function isTaken(port: number): Promise<boolean> {
  return (await isListening(port)) || !(await canListen(port));
}

function byPort(needs: readonly PortNeed[]): Map<number, string[]> {
  const owners = new Map<number, string[]>();
  for (const { port, neededBy } of needs) owners.set(port, [...(owners.get(port) ?? []), neededBy]);
  return owners;
}
