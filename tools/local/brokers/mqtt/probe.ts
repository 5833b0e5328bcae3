import type { ProtocolProbe } from '../../servers/protocol-probe.js';

/** MQTT 3.1.1: the broker answers CONNECT with a clean session with CONNACK 0. */
export const mqttProbe: ProtocolProbe = {
  title: 'MQTT broker',
  hello: mqttConnect('readiness-probe'),
  isAnswer: (received) => received.length >= 4 && received[0] === 0x20 && received[3] === 0,
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
