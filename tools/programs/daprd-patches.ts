import type { SourcePatch } from './apply-patches.js';

const pubsubPostman = 'dapr/pkg/runtime/subscription/postman/http/http.go';

/** Fixes that the version of daprd that can be built here lacks. Paths start with the module's folder. */
export const daprdPatches: readonly SourcePatch[] = [
  {
    why: 'An event whose traceid or traceparent is not a string ends the sidecar, and its redelivery ends every later one.',
    upstream: 'https://github.com/dapr/dapr/pull/10319 (in 1.18.3)',
    file: pubsubPostman,
    replacements: [
      {
        before: [
          '\tif iTraceID != nil {',
          '\t\ttraceID := iTraceID.(string)',
          '\t\tsc, _ := diag.SpanContextFromW3CString(traceID)',
          '\t\tctx, span = diag',
        ].join('\n'),
        after: [
          '\tif traceID, ok := iTraceID.(string); ok {',
          '\t\tsc, _ := diag.SpanContextFromW3CString(traceID)',
          '\t\tctx, span = diag',
        ].join('\n'),
      },
      {
        before: ['\t\tif iTraceID != nil {', '\t\t\ttraceID := iTraceID.(string)'].join('\n'),
        after: '\t\tif traceID, ok := iTraceID.(string); ok {',
      },
    ],
  },
  {
    why: 'An event `null` with a trace in the headers of its Kafka message ends the sidecar: it has no map to write to.',
    upstream: 'not reported yet; also in 1.18.3',
    file: 'dapr/pkg/runtime/subscription/subscription.go',
    replacements: [
      {
        before: '\t\t\t// fallback to message metadata to propagate the tracing information\n',
        after: [
          '\t\t\tif cloudEvent == nil {',
          '\t\t\t\tcloudEvent = map[string]any{}',
          '\t\t\t}',
          '\t\t\t// fallback to message metadata to propagate the tracing information',
          '',
        ].join('\n'),
      },
    ],
  },
  {
    why: 'A dead letter `null` ends the sidecar that publishes it to JetStream, and its redelivery ends every later one.',
    upstream: 'not reported yet; also in 1.18.4 of components-contrib',
    file: 'components-contrib/pubsub/envelope.go',
    replacements: [
      {
        before: '\tcustomTimeVal, keyExists := m[TimeField]\n',
        after: [
          '\tif m == nil {',
          '\t\treturn m, fmt.Errorf("the cloud event is null")',
          '\t}',
          '',
          '\tcustomTimeVal, keyExists := m[TimeField]',
          '',
        ].join('\n'),
      },
    ],
  },
  {
    why: 'After a broker outage of about two minutes, JetStream gives up reconnecting and closes the connection forever.',
    upstream: 'https://github.com/dapr/components-contrib/pull/4564',
    file: 'components-contrib/pubsub/jetstream/jetstream.go',
    replacements: [
      {
        before: '\topts = append(opts, nats.Name(js.meta.Name))\n',
        after: '\topts = append(opts, nats.Name(js.meta.Name), nats.MaxReconnects(-1))\n',
      },
    ],
  },
  {
    why: 'RabbitMQ refuses an event (basic.nack) or never confirms it, and the sidecar reports that it is published.',
    upstream: 'not reported yet; also in 1.18.4 of components-contrib',
    file: 'components-contrib/pubsub/rabbitmq/rabbitmq.go',
    replacements: [
      {
        before: [
          '\t\t\terr = errors.New("did not receive confirmation of publishing")',
          '\t\t\tr.logger.Errorf("%s publishing to %s failed: %v", logMessagePrefix, req.Topic, err)',
          '',
        ].join('\n'),
        after: [
          '\t\t\terr = errors.New("did not receive confirmation of publishing")',
          '\t\t\tr.logger.Errorf("%s publishing to %s failed: %v", logMessagePrefix, req.Topic, err)',
          '\t\t\treturn r.channel, r.connectionCount, err',
          '',
        ].join('\n'),
      },
    ],
  },
  {
    why: 'A publication to RabbitMQ that is given up while it is retried, as at the end of the sidecar, is reported as done.',
    upstream: 'not reported yet; also in 1.18.4 of components-contrib',
    file: 'components-contrib/pubsub/rabbitmq/rabbitmq.go',
    replacements: [
      {
        before: ['\t\t\t\treturn nil', '\t\t\t}', '', '\t\t\t_ = r.reconnect(connectionCount)'].join('\n'),
        after: ['\t\t\t\treturn ctx.Err()', '\t\t\t}', '', '\t\t\t_ = r.reconnect(connectionCount)'].join(
          '\n',
        ),
      },
      {
        before: [
          '\t\t\tcase <-time.After(publishRetryWaitSeconds * time.Second):',
          '\t\t\tcase <-ctx.Done():',
          '\t\t\t\treturn nil',
        ].join('\n'),
        after: [
          '\t\t\tcase <-time.After(publishRetryWaitSeconds * time.Second):',
          '\t\t\tcase <-ctx.Done():',
          '\t\t\t\treturn ctx.Err()',
        ].join('\n'),
      },
    ],
  },
];
