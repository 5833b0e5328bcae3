import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { serviceConfiguration, serviceSettings } from './service-settings.js';

const read = (environment: Record<string, string>) =>
  serviceConfiguration(
    z.object(serviceSettings).parse({ PORT: '8080', DAPR_HTTP_PORT: '3500', ...environment }),
  );

test('a service looks for its broker only if it has its address', () => {
  expect(read({}).broker).toBeUndefined();
  expect(
    read({ BROKER_ADDRESS: 'a.broker.svc:9093,b.broker.svc:9094', BROKER_OUTAGE_MAX_MS: '90000' }).broker,
  ).toEqual({
    hosts: [
      { host: 'a.broker.svc', port: 9093 },
      { host: 'b.broker.svc', port: 9094 },
    ],
    outageMaxMs: 90_000,
  });
});

test.each(['', 'broker', 'broker:', ':9092', 'a:1,', 'a:1;b:2', 'broker:port'])(
  'refuses the address "%s"',
  (address) => {
    expect(() => read({ BROKER_ADDRESS: address })).toThrow('must be host:port, separated by commas');
  },
);
