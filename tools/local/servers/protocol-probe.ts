import { connect } from 'node:net';

/** How long a server on this machine may take to answer. */
const answerTimeoutMs = 1_000;

/** What to say to a server, and how to tell that the answer is its protocol. An open port alone says nothing. */
export type ProtocolProbe = {
  what: string;
  /** Sent at once; a server that greets first needs none. */
  hello?: Buffer;
  /** Gets all that came so far. */
  isAnswer: (received: Buffer) => boolean;
};

/** `true` when the protocol is spoken on this port of 127.0.0.1, else what is missing. */
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
        finish(`no ${probe.what} answers on 127.0.0.1:${port}`);
      });
  });
}

/** MongoDB's only kind of message since version 5.1. */
const opMsg = 2013;

/** The server sends INFO as soon as somebody connects (https://docs.nats.io/reference/reference-protocols/nats-protocol). */
export const natsProbe: ProtocolProbe = {
  what: 'NATS server',
  isAnswer: (received) => received.toString('utf8').startsWith('INFO '),
};

/** A server that still reads its log answers `-LOADING`. */
export const redisProbe: ProtocolProbe = {
  what: 'Redis',
  hello: Buffer.from('PING\r\n'),
  isAnswer: (received) => received.toString('utf8').startsWith('+PONG'),
};

/** AMQP 0-9-1: a protocol header is answered with the method connection.start (class 10, method 10). */
export const amqpProbe: ProtocolProbe = {
  what: 'AMQP broker',
  hello: Buffer.from('AMQP\0\0\x09\x01', 'latin1'),
  isAnswer: (received) =>
    received.length > 11 && received[0] === 1 && received.readUInt32BE(7) === (10 << 16) + 10,
};

/** MQTT 3.1.1: CONNECT with a clean session is answered with CONNACK 0. */
export const mqttProbe: ProtocolProbe = {
  what: 'MQTT broker',
  hello: mqttConnect('readiness-probe'),
  isAnswer: (received) => received.length >= 4 && received[0] === 0x20 && received[3] === 0,
};

/** A start-up message is answered with an authentication request, and with an error while the server starts. */
export const postgresqlProbe: ProtocolProbe = {
  what: 'PostgreSQL',
  hello: postgresqlStartup({ user: 'postgres', database: 'postgres' }),
  isAnswer: (received) => received[0] === 'R'.charCodeAt(0),
};

/** A Metadata request (key 3, version 4, no topics) is answered with the brokers; none are known before it has joined. */
export const kafkaProbe: ProtocolProbe = {
  what: 'Kafka',
  hello: kafkaMetadataRequest('readiness-probe'),
  isAnswer: (received) =>
    received.length >= 16 && received.length >= 4 + received.readInt32BE(0) && received.readInt32BE(12) > 0,
};

/** `hello` as an OP_MSG (https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/) is answered with one. */
export const mongodbProbe: ProtocolProbe = {
  what: 'MongoDB-compatible server',
  hello: mongodbHello(),
  isAnswer: (received) => received.length >= 16 && received.readInt32LE(12) === opMsg,
};

function mqttConnect(clientId: string): Buffer {
  const cleanSession = 2;
  const id = Buffer.from(clientId);
  const body = Buffer.concat([
    Buffer.from([0, 4]),
    Buffer.from('MQTT'),
    Buffer.from([4, cleanSession, 0, 5, 0, id.length]),
    id,
  ]);
  return Buffer.concat([Buffer.from([0x10, body.length]), body]);
}

function postgresqlStartup(parameters: Readonly<Record<string, string>>): Buffer {
  const version = Buffer.from([0, 3, 0, 0]);
  const text = Object.entries(parameters).flat().concat('').join('\0');
  const body = Buffer.concat([version, Buffer.from(`${text}\0`)]);
  return Buffer.concat([int32(body.length + 4), body]);
}

function kafkaMetadataRequest(clientId: string): Buffer {
  const [metadataKey, version, correlationId] = [3, 4, 1];
  const body = Buffer.concat([
    int16(metadataKey),
    int16(version),
    int32(correlationId),
    int16(clientId.length),
    Buffer.from(clientId),
    // No topics, and none is to be created.
    int32(0),
    Buffer.from([0]),
  ]);
  return Buffer.concat([int32(body.length), body]);
}

/** BSON {hello: 1, $db: 'admin'} in one section of kind 0. */
function mongodbHello(): Buffer {
  const elements = Buffer.concat([
    Buffer.from('\x10hello\0\x01\0\0\0', 'latin1'),
    Buffer.from('\x02$db\0\x06\0\0\0admin\0', 'latin1'),
    Buffer.from([0]),
  ]);
  const document = Buffer.concat([int32LittleEndian(elements.length + 4), elements]);
  const body = Buffer.concat([int32LittleEndian(0), Buffer.from([0]), document]);
  const header = [16 + body.length, 1, 0, opMsg].map(int32LittleEndian);
  return Buffer.concat([...header, body]);
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function int32LittleEndian(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}
