import type { ProtocolProbe } from '../../servers/protocol-probe.js';

/** NATS sends INFO to every new connection (https://docs.nats.io/reference/reference-protocols/nats-protocol). */
export const natsProbe: ProtocolProbe = {
  title: 'NATS server',
  isAnswer: (received) => received.toString('utf8').startsWith('INFO '),
};
