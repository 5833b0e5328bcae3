import type { ProtocolProbe } from '../../servers/protocol-probe.js';

/** Redis answers `+PONG` to PING, but `-LOADING` while it still reads its data. */
export const redisProbe: ProtocolProbe = {
  title: 'Redis',
  hello: Buffer.from('PING\r\n'),
  isAnswer: (received) => received.toString('utf8').startsWith('+PONG'),
};
