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
  ])('%j is read as %j', (value, expected) => {
    expect(configure({ ...valid, TRUST_PROXY: value }).trustedProxies).toEqual(expected);
  });

  test.each(['true', 'everyone', '10.0.0.0/33', '10.0.0.0/8/8', '10.0.0.0/0', 'loopback/8', '::1/129', '1,'])(
    '%j is refused',
    (value) => {
      expect(() => configure({ ...valid, TRUST_PROXY: value })).toThrow(ConfigurationError);
    },
  );
});

describe('LOCAL_RUNNER_TOKEN', () => {
  const token = 'the-token-of-the-runner';
  const issuer = {
    OIDC_ISSUER: 'https://issuer.example',
    OIDC_CLIENT_ID: 'shop',
    PUBLIC_URL: 'https://shop.example',
  };

  test('is read with demo sign-in, and has no effect without it', () => {
    expect(configure({ ...valid, LOCAL_RUNNER_TOKEN: token }).localRunnerToken).toBe(token);
    expect(configure({ ...valid, ...issuer, LOCAL_RUNNER_TOKEN: token }).localRunnerToken).toBeUndefined();
    expect(configure(valid).localRunnerToken).toBeUndefined();
  });

  test('is refused in production, also with demo sign-in', () => {
    for (const methods of [issuer, { DEMO_SIGN_IN: 'true' }])
      expect(() =>
        configure({ ...valid, ...methods, NODE_ENV: 'production', LOCAL_RUNNER_TOKEN: token }),
      ).toThrow('LOCAL_RUNNER_TOKEN: must not be set in production');
  });

  test('must be long enough not to be guessed', () => {
    expect(() => configure({ ...valid, LOCAL_RUNNER_TOKEN: 'short' })).toThrow('LOCAL_RUNNER_TOKEN');
  });
});

test('RATE_LIMIT_PER_MINUTE must be at least 1', () => {
  expect(() => configure({ ...valid, RATE_LIMIT_PER_MINUTE: '0' })).toThrow('RATE_LIMIT_PER_MINUTE');
});

describe('the sign-in methods', () => {
  const openId = {
    OIDC_ISSUER: 'https://issuer.example',
    OIDC_CLIENT_ID: 'shop',
    PUBLIC_URL: 'https://shop.example',
  };
  const production = { ...valid, NODE_ENV: 'production' };

  test('default to the demo without an issuer and to the issuer with one, and both can be enabled', () => {
    const methodsOf = (env: NodeJS.ProcessEnv) => {
      const { demoSignIn, openId: settings } = configure(env);
      return [demoSignIn, settings?.issuer];
    };
    expect(methodsOf(valid)).toEqual([true, undefined]);
    expect(methodsOf({ ...valid, ...openId })).toEqual([false, openId.OIDC_ISSUER]);
    expect(methodsOf({ ...valid, ...openId, DEMO_SIGN_IN: 'true' })).toEqual([true, openId.OIDC_ISSUER]);
    expect(methodsOf({ ...production, DEMO_SIGN_IN: 'true' })).toEqual([true, undefined]);
    expect(methodsOf({ ...production, ...openId })).toEqual([false, openId.OIDC_ISSUER]);
  });

  test.each([
    ['DEMO_SIGN_IN', production],
    ['DEMO_SIGN_IN', { ...valid, DEMO_SIGN_IN: 'false' }],
    ['OIDC_CLIENT_ID', { ...valid, ...openId, OIDC_CLIENT_ID: undefined }],
    ['PUBLIC_URL', { ...valid, ...openId, PUBLIC_URL: undefined }],
    ['PUBLIC_URL', { ...valid, ...openId, PUBLIC_URL: 'javascript:alert(1)' }],
    ['OIDC_ISSUER', { ...valid, ...openId, OIDC_ISSUER: 'http://issuer.example' }],
    ['OIDC_ISSUER', { ...valid, ...openId, OIDC_ISSUER: 'issuer' }],
    ['OPERATOR_TOKEN', { ...valid, OPERATOR_TOKEN: 'short' }],
    ['SECURITY_CONTACT', { ...valid, SECURITY_CONTACT: 'security-team' }],
  ])('are refused with the name of the variable when %s is wrong', (name, env) => {
    expect(() => configure(env)).toThrow(name);
  });

  test('may use plain HTTP for an issuer on this machine', () => {
    const { openId: settings } = configure({ ...valid, ...openId, OIDC_ISSUER: 'http://127.0.0.1:9000' });
    expect(settings?.publicUrl).toBe('https://shop.example');
  });
});
