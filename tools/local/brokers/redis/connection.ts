import { createClient } from '@redis/client';
import type { Component } from '../../runner/resource-documents.js';

/** How to sign in to Redis. Without a password, Redis has none. */
export type RedisAccess = { username?: string | undefined; password?: string | undefined; tls?: boolean };

/** How a component signs in to Redis. */
export function accessOf({ metadata }: Component): RedisAccess {
  return {
    username: metadata.get('redisUsername'),
    password: metadata.get('redisPassword'),
    tls: metadata.get('enableTLS') === 'true',
  };
}

const connectTo = (address: string, { username, password, tls = false }: RedisAccess) =>
  createClient({
    url: `${tls ? 'rediss' : 'redis'}://${address}`,
    socket: { reconnectStrategy: false, connectTimeout: 5_000 },
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  });

export type RedisConnection = ReturnType<typeof connectTo>;

/** Runs `use` with a connection to Redis at `host:port`, and closes it afterwards. */
export async function withRedis<T>(
  address: string,
  use: (client: RedisConnection) => Promise<T>,
  access: RedisAccess = {},
): Promise<T> {
  const client = connectTo(address, access);
  // The rejected call reports the same error.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await use(client);
  } finally {
    client.destroy();
  }
}
