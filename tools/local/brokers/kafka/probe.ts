import { int32, type ProtocolProbe } from '../../servers/protocol-probe.js';

/**
 * Kafka answers a Metadata request (key 3, version 4, no topics) with its brokers. A broker knows none before it has joined
 * its cluster.
 */
export const kafkaProbe: ProtocolProbe = {
  title: 'Kafka',
  hello: metadataRequest('readiness-probe'),
  isAnswer: (received) =>
    received.length >= 16 && received.length >= 4 + received.readInt32BE(0) && received.readInt32BE(12) > 0,
};

function metadataRequest(clientId: string): Buffer {
  const [metadataKey, version, correlationId] = [3, 4, 1];
  const body = Buffer.concat([
    int16(metadataKey),
    int16(version),
    int32(correlationId),
    int16(clientId.length),
    Buffer.from(clientId),
    // Asks for no topics and creates none.
    int32(0),
    Buffer.from([0]),
  ]);
  return Buffer.concat([int32(body.length), body]);
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}
