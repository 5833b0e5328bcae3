import { int32, type ProtocolProbe } from '../../servers/protocol-probe.js';

/** PostgreSQL answers a start-up message with an authentication request, but with an error while it still starts. */
export const postgresqlProbe: ProtocolProbe = {
  title: 'PostgreSQL',
  hello: startupMessage({ user: 'postgres', database: 'postgres' }),
  isAnswer: (received) => received[0] === 'R'.charCodeAt(0),
};

function startupMessage(parameters: Readonly<Record<string, string>>): Buffer {
  const version = Buffer.from([0, 3, 0, 0]);
  const text = Object.entries(parameters).flat().concat('').join('\0');
  const body = Buffer.concat([version, Buffer.from(`${text}\0`)]);
  return Buffer.concat([int32(body.length + 4), body]);
}
