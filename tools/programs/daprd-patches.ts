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
    why:
      'Calls of the service that overlap share one handler. If one of them fails, as all do while the service is stopped, another may be taken ' +
      'for answered with 200: its event is then acknowledged and lost.',
    upstream: 'not reported yet; also in 1.18.3',
    file: 'dapr/pkg/middleware/http/pipeline.go',
    replacements: [
      {
        before: [
          '\t\tp.lock.Lock()',
          '\t\tp.root = root',
          '\t\tp.lock.Unlock()',
          '\t\tp.buildChain()',
          '',
          '\t\treturn http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {',
          '\t\t\tp.lock.RLock()',
          '\t\t\tnext := p.chain',
          '\t\t\tp.lock.RUnlock()',
          '\t\t\tnext.ServeHTTP(w, r)',
          '\t\t})',
        ].join('\n'),
        after: [
          '\t\treturn http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {',
          '\t\t\t// Each call has a root of its own.',
          '\t\t\town := &pipeline{name: p.name, spec: p.spec, store: p.store, root: root}',
          '\t\t\town.buildChain()',
          '\t\t\town.chain.ServeHTTP(w, r)',
          '\t\t})',
        ].join('\n'),
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
  {
    why: 'MQTT events that arrive before a subscription, while it is paused or when handling fails wait until the sidecar reconnects.',
    upstream: 'not reported yet; also in 1.18.4 of components-contrib',
    file: 'components-contrib/pubsub/mqtt3/mqtt.go',
    replacements: [
      {
        before: [
          '\t\ttopicHandler := m.handlerForTopic(msg.Topic)',
          '\t\tif topicHandler == nil {',
          '\t\t\tm.logger.Warnf("No handler defined for messages received on topic %s", msg.Topic)',
          '\t\t\treturn',
          '\t\t}',
          '',
          '\t\tm.logger.Debugf("Processing MQTT message %s#%d (retained=%v)", mqttMsg.Topic(), mqttMsg.MessageID(), mqttMsg.Retained())',
          '\t\terr := topicHandler(ctx, &msg)',
          '\t\tif err != nil {',
          '\t\t\tm.logger.Errorf("Failed processing MQTT message %s#%d: %v", mqttMsg.Topic(), mqttMsg.MessageID(), err)',
          '\t\t\treturn',
          '\t\t}',
          '',
        ].join('\n'),
        after: [
          '\t\t// The broker sends a message once per connection, so a failure is tried again here.',
          '\t\tfor {',
          '\t\t\tif topicHandler := m.handlerForTopic(msg.Topic); topicHandler != nil {',
          '\t\t\t\terr := topicHandler(ctx, &msg)',
          '\t\t\t\tif err == nil {',
          '\t\t\t\t\tbreak',
          '\t\t\t\t}',
          '\t\t\t\tm.logger.Errorf("Failed processing MQTT message %s#%d: %v", mqttMsg.Topic(), mqttMsg.MessageID(), err)',
          '\t\t\t}',
          '\t\t\tselect {',
          '\t\t\tcase <-m.closeCh:',
          '\t\t\t\treturn',
          '\t\t\tcase <-time.After(time.Second):',
          '\t\t\t}',
          '\t\t\tif !client.IsConnectionOpen() {',
          '\t\t\t\treturn // The broker sends it again.',
          '\t\t\t}',
          '\t\t\tif ctx.Err() != nil {',
          '\t\t\t\tctx = context.Background() // Its subscription ended; another one may have begun.',
          '\t\t\t}',
          '\t\t}',
          '',
        ].join('\n'),
      },
      {
        before: '\t\tSetConnectRetryInterval(20 * time.Second)\n',
        after: [
          '\t\tSetConnectRetryInterval(2 * time.Second).',
          '\t\tSetMaxReconnectInterval(5 * time.Second).',
          '\t\tSetDefaultPublishHandler(m.onMessage(context.Background()))',
          '',
        ].join('\n'),
      },
    ],
  },
  {
    why:
      'A client that leaves while SQLite is read leaves a lock behind forever: registrations then expire and no sidecar finds another, ' +
      'and the store answers from the past.',
    upstream: 'https://gitlab.com/cznic/sqlite (in 1.40.1)',
    file: 'sqlite/sqlite.go',
    replacements: [
      {
        before: [
          '\t\tif ctx != nil && atomic.LoadInt32(&done) != 0 {',
          '\t\t\tr, err = nil, ctx.Err()',
          '\t\t} else if r == nil',
        ].join('\n'),
        after: [
          '\t\tif ctx != nil && atomic.LoadInt32(&done) != 0 {',
          '\t\t\tif r != nil {',
          '\t\t\t\tr.Close()',
          '\t\t\t}',
          '\t\t\tr, err = nil, ctx.Err()',
          '\t\t} else if r == nil',
        ].join('\n'),
      },
    ],
  },
];
