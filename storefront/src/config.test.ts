import { ConfigurationError } from '@unity-purchase/service-kit';
import { describe, expect, test } from '@jest/globals';
import { configure } from './config.js';

const valid = { PORT: '8080', DAPR_HTTP_PORT: '3500' };

describe('TRUST_PROXY', () => {
  test.each([
    [undefined, false],
    ['1', 1],
    ['loopback', ['loopback']],
    ['10.0.0.0/8, fd00::/8,192.0.2.1', ['10.0.0.0/8', 'fd00::/8', '192.0.2.1']],
  ])('%j is %j', (value, expected) => {
    expect(configure({ ...valid, TRUST_PROXY: value }).trustedProxies).toEqual(expected);
  });

  test.each([
    'true',
    'everybody',
    '10.0.0.0/33',
    '10.0.0.0/8/8',
    '10.0.0.0/0',
    'loopback/8',
    '::1/129',
    '1,',
  ])('%j is refused', (value) => {
    expect(() => configure({ ...valid, TRUST_PROXY: value })).toThrow(ConfigurationError);
  });
});

test('RATE_LIMIT_PER_MINUTE cannot be switched off by accident', () => {
  expect(() => configure({ ...valid, RATE_LIMIT_PER_MINUTE: '0' })).toThrow('RATE_LIMIT_PER_MINUTE');
});
