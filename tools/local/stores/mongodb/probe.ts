import type { ProtocolProbe } from '../../servers/protocol-probe.js';

/** MongoDB's only kind of message since version 5.1. */
const opMsg = 2013;

/** MongoDB answers `hello`, sent as an OP_MSG, with an OP_MSG (https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/). */
export const mongodbProbe: ProtocolProbe = {
  title: 'MongoDB-compatible server',
  hello: helloMessage(),
  isAnswer: (received) => received.length >= 16 && received.readInt32LE(12) === opMsg,
};

/** BSON {hello: 1, $db: 'admin'} in one section of kind 0. */
function helloMessage(): Buffer {
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

function int32LittleEndian(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}
