import { connect } from 'node:net';

/** How long a server on this machine may take to answer. */
const answerTimeoutMs = 1_000;

/** Recognises a server by its protocol. An open port alone does not show what listens there. */
export type ProtocolProbe = {
  /** The kind of server, for people. */
  title: string;
  /** Sent after connecting. A server that greets first needs none. */
  hello?: Buffer;
  /** Whether the bytes received so far are an answer in this protocol. */
  isAnswer: (received: Buffer) => boolean;
};

/** Resolves to `true` when a server on this port of 127.0.0.1 speaks the protocol, otherwise to what is missing. */
export async function speaks(port: number, probe: ProtocolProbe): Promise<true | string> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: answerTimeoutMs });
    const finish = (answer: true | string): void => {
      socket.destroy();
      resolve(answer);
    };
    let received = Buffer.alloc(0);
    socket.once('connect', () => {
      if (probe.hello !== undefined) socket.write(probe.hello);
    });
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (probe.isAnswer(received)) finish(true);
    });
    for (const event of ['error', 'timeout', 'close'])
      socket.once(event, () => {
        finish(`no ${probe.title} answers on 127.0.0.1:${port}`);
      });
  });
}

/** A 32-bit integer in network byte order. */
export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}
