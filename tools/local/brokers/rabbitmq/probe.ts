import type { ProtocolProbe } from '../../servers/protocol-probe.js';

/** AMQP 0-9-1: the server answers a protocol header with the method connection.start (class 10, method 10). */
export const amqpProbe: ProtocolProbe = {
  title: 'AMQP broker',
  hello: Buffer.from('AMQP\0\0\x09\x01', 'latin1'),
  isAnswer: (received) =>
    received.length > 11 && received[0] === 1 && received.readUInt32BE(7) === (10 << 16) + 10,
};
