import { v7 } from 'uuid';

/** A message for the topic of purchases that is not a valid event. Its content is unique. */
export type MalformedEvent = {
  what: string;
  content: string | Buffer;
  headers?: Readonly<Record<string, string>>;
};

/** Below the limit of 4 MiB for one call of a sidecar. A broker may refuse it. */
const largeBytes = 3_500_000;

/** CloudEvents attributes, and those that Dapr adds and reads. */
const attributes = [
  'specversion',
  'id',
  'source',
  'type',
  'datacontenttype',
  'dataschema',
  'subject',
  'time',
  'data',
  'data_base64',
  'traceid',
  'traceparent',
  'tracestate',
  'topic',
  'pubsubname',
  'expiration',
] as const;

/** A value of each JSON type, and texts that are wrong for any attribute. */
const values: readonly unknown[] = [
  42,
  -1.5e300,
  true,
  null,
  {},
  { a: { b: [1] } },
  [],
  ['a', 1, null],
  '',
  ' ',
  '\u0000\r\n',
  '🙂'.repeat(300),
];

/** Events that a sidecar or the service might misread, each with one defect. */
export function malformedEvents(): MalformedEvent[] {
  const wrongTypes = attributes.flatMap((attribute) =>
    values.map((value) => ({
      what: `${attribute}: ${JSON.stringify(value).slice(0, 20)}`,
      content: JSON.stringify({ ...envelope(), [attribute]: value }),
    })),
  );
  const missing = attributes.map((attribute) => ({
    what: `no ${attribute}`,
    content: JSON.stringify({ ...envelope(), [attribute]: undefined }),
  }));
  const twice = attributes.map((attribute) => ({
    what: `${attribute} twice`,
    content: JSON.stringify(envelope()).replace(/^\{/, `{"${attribute}":1,"${attribute}":"b",`),
  }));
  return [...wrongTypes, ...missing, ...twice, ...noEvents(), ...traceHeaders(), ...large()];
}

/** An event of an unknown type. */
function envelope(): Record<(typeof attributes)[number], unknown> {
  return {
    specversion: '1.0',
    id: v7(),
    source: 'conformance',
    type: 'purchase.placed.v999',
    datacontenttype: 'application/json',
    dataschema: 'urn:conformance',
    subject: v7(),
    time: new Date().toISOString(),
    data: {},
    data_base64: undefined,
    traceid: undefined,
    traceparent: undefined,
    tracestate: undefined,
    topic: 'purchase-events',
    pubsubname: 'pubsub',
    expiration: undefined,
  };
}

/** Content that is not a JSON object. */
function noEvents(): MalformedEvent[] {
  const unique = v7();
  return [
    { what: 'a text', content: JSON.stringify(unique) },
    { what: 'a list', content: JSON.stringify([unique]) },
    { what: 'a number', content: `${Date.now()}.5` },
    { what: 'no JSON', content: `{"id":"${unique}"` },
    { what: 'two objects', content: `{"id":"${unique}"}{}` },
    {
      what: 'bytes that are no UTF-8',
      content: Buffer.concat([Buffer.from([0xff, 0xfe, 0, 1]), Buffer.from(unique)]),
    },
    { what: 'an attribute that is no UTF-8', content: Buffer.from(`{"id":"\xff${unique}"}`, 'latin1') },
    { what: 'JSON with a byte order mark', content: `\ufeff${JSON.stringify(envelope())}` },
    { what: 'deep lists', content: `${'['.repeat(9_000)}"${unique}"${']'.repeat(9_000)}` },
    { what: 'lists deeper than a sidecar reads', content: `${'['.repeat(20_000)}"${unique}"` },
    { what: 'a reserved key', content: `{"__proto__":{"id":1},"constructor":"${unique}"}` },
  ];
}

/** Messages whose headers carry a trace, which a sidecar copies into the event. */
function traceHeaders(): MalformedEvent[] {
  const headers = { traceparent: 'no-trace', traceid: '\u0001', tracestate: ',,,' };
  return [
    { what: 'headers of a trace', content: JSON.stringify(envelope()), headers },
    { what: 'null with headers of a trace', content: 'null', headers },
  ];
}

function large(): MalformedEvent[] {
  const padding = 'x'.repeat(largeBytes);
  return [
    { what: 'large data', content: JSON.stringify({ ...envelope(), data: padding }) },
    { what: 'a large trace', content: JSON.stringify({ ...envelope(), traceparent: padding }) },
    { what: 'large and no JSON', content: padding + v7() },
  ];
}
