import { connect, type NatsConnection } from '@nats-io/transport-node';

const connectTimeoutMs = 5_000;

/**
 * Connects to the NATS at a component's address, which may contain a user and a password or a token. The client itself ignores them
 * there.
 */
export async function connectTo(natsUrl: string): Promise<NatsConnection> {
  const [, scheme = '', credentials, servers = natsUrl] =
    /^(\w+:\/\/)?(?:([^@]*)@)?(.*)$/.exec(natsUrl) ?? [];
  const [user = '', password] = (credentials ?? '').split(/:(.*)/s).map(decodeURIComponent);
  return connect({
    servers: servers.split(',').map((server) => `${scheme}${server.trim()}`),
    reconnect: false,
    timeout: connectTimeoutMs,
    ...(credentials === undefined ? {} : password === undefined ? { token: user } : { user, pass: password }),
  });
}
