import { expect, test } from '@jest/globals';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { PrivateSpanProcessor } from './span-privacy.js';

test('PrivateSpanProcessor passes on the allowed attributes of a span and nothing else', async () => {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({
    spanProcessors: [new PrivateSpanProcessor(new SimpleSpanProcessor(exporter))],
  });
  const span = provider.getTracer('test').startSpan('GET /purchases/:id');
  span.setAttributes({ 'http.route': '/purchases/:id', 'url.full': 'http://shop/ada', 'enduser.id': 'ada' });
  span.addEvent('exception', { 'exception.message': 'ada' });
  span.end();
  await provider.forceFlush();
  const [exported] = exporter.getFinishedSpans();
  expect(exported?.attributes).toEqual({ 'http.route': '/purchases/:id' });
  expect(exported?.events).toEqual([]);
});
