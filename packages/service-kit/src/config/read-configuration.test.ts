import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { ConfigurationError, readConfiguration } from './read-configuration.js';
import { flag, serviceSettings } from './service-settings.js';

const schema = z.object({ ...serviceSettings, SECRET: z.string().min(5), DEMO: flag().optional() });
const valid = { PORT: '8080', DAPR_HTTP_PORT: '3500', SECRET: 'abcde' };

function problemsOf(environment: Record<string, string | undefined>) {
  try {
    readConfiguration(schema, environment);
  } catch (thrown) {
    if (thrown instanceof ConfigurationError) return thrown;
  }
  throw new Error('the configuration was accepted');
}

describe('readConfiguration', () => {
  test('reads variables into their types, with defaults, and freezes them', () => {
    const configuration = readConfiguration(schema, { ...valid, DEMO: 'true', PATH: '/bin' });
    expect(configuration).toMatchObject({
      PORT: 8080,
      HOST: '127.0.0.1',
      SHUTDOWN_DELAY_MS: 5000,
      DEMO: true,
    });
    expect(configuration).not.toHaveProperty('PATH');
    expect(Object.isFrozen(configuration)).toBe(true);
  });

  test('names every invalid variable and repeats no value', () => {
    const error = problemsOf({
      PORT: '80 80',
      DAPR_HTTP_PORT: '70000',
      SECRET: 'abc',
      LOG_LEVEL: 'loud',
      DEMO: 'yes',
      SHUTDOWN_DELAY_MS: '-1',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'nowhere',
    });
    expect(error.problems.map(({ variable }) => variable).sort()).toEqual([
      'DAPR_HTTP_PORT',
      'DEMO',
      'LOG_LEVEL',
      'OTEL_EXPORTER_OTLP_ENDPOINT',
      'PORT',
      'SECRET',
      'SHUTDOWN_DELAY_MS',
    ]);
    for (const { variable } of error.problems) expect(error.message).toContain(`${variable}: `);
    for (const value of ['80 80', '70000', 'abc', 'loud', 'nowhere'])
      expect(error.message).not.toContain(value);
  });

  test.each([undefined, ''])('treats %j as not set', (value) => {
    expect(problemsOf({ ...valid, PORT: value }).problems).toEqual([
      { variable: 'PORT', message: 'is not set; it is a port from 1 to 65535' },
    ]);
  });
});
