import { eventRetentionDays, eventRetentionMs } from '@unity-purchase/contracts';
import type { Component } from '../../runner/resource-documents.js';
import { differencesIn, unchangeable } from '../../servers/setting-differences.js';
import { accessOf, withRedis, type RedisConnection } from './connection.js';

/** Without these, Redis loses events that it has acknowledged. They belong to the server, so they are not changed here. */
const serverSettings = { 'maxmemory-policy': 'noeviction', appendonly: 'yes' };

/** The component's settings with which Redis deletes events. The sidecar applies them with each publication. */
const trimmingSettings = { streamTTL: `${eventRetentionDays * 24}h`, maxLenApprox: undefined };

/**
 * Checks what the component and Redis must agree on, and removes events that are older than the retention. The sidecar creates
 * stream and consumer group itself, and the group begins at the first event. Rejects, naming the setting or the key, when Redis
 * would lose events, the component would keep or delete them at another time, or the topic's key is not a stream. A cluster of
 * Redis is not checked.
 */
export async function ensureStream(address: string, component: Component, topic: string): Promise<void> {
  const { name, metadata } = component;
  const trimming = differencesIn(
    { streamTTL: metadata.get('streamTTL'), maxLenApprox: metadata.get('maxLenApprox') },
    trimmingSettings,
  );
  if (trimming.length > 0) throw new Error(`the component ${name} has ${trimming.join(', ')}`);
  if ((metadata.get('redisType') ?? 'node') !== 'node') return;
  await withRedis(
    address,
    async (client) => {
      const server = differencesIn(await serverSettingsOf(client), serverSettings);
      if (server.length > 0)
        throw new Error(
          `Redis at ${address} has ${server.join(', ')}: it would lose events. Change it there with CONFIG SET or in its ` +
            'configuration.',
        );
      const type = await client.type(topic);
      if (type !== 'stream' && type !== 'none')
        throw unchangeable(`the key ${topic}`, [`type ${type} instead of stream`], 'Rename or delete it.');
      if (type === 'stream') await client.xTrim(topic, 'MINID', Date.now() - eventRetentionMs);
    },
    accessOf(component),
  );
}

/** Resolves to the settings that the server reports. A hosted Redis often reports none, and is then trusted. */
async function serverSettingsOf(client: RedisConnection): Promise<Record<string, string | undefined>> {
  const reported = await Promise.all(
    Object.entries(serverSettings).map(async ([key, wanted]) => {
      const found: Record<string, string | undefined> = await client.configGet(key).catch(() => ({}));
      return [key, found[key] ?? wanted] as const;
    }),
  );
  return Object.fromEntries(reported);
}
