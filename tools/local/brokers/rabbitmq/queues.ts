import { appIds } from '@unity-purchase/contracts';
import { connect } from 'amqplib';
import { errorText } from '../../../programs/error-text.js';
import type { Component } from '../../runner/resource-documents.js';
import { unchangeable } from '../../servers/setting-differences.js';

/** Returns the queue from which Dapr consumes a topic: `<consumerID>-<topic>`, where the consumer's id is its app id. */
export function queueOf(topic: string): string {
  return `${appIds.purchaseService}-${topic}`;
}

/** Settings of the component with which RabbitMQ deletes events that are not recorded yet. */
const deletingSettings = ['ttlInSeconds', 'maxLen', 'maxLenBytes'];

/**
 * Makes sure that the component's topic has an exchange with a queue bound to it, exactly as Dapr declares both. Dapr does so only
 * when it first subscribes, and an event published before that would be acknowledged and lost. A queue keeps an event until it
 * is acknowledged, and not longer: it needs no retention. Rejects, naming the exchange or the queue and the setting, when one
 * exists with other settings, which cannot be changed.
 */
export async function ensureQueue(url: string, { name, metadata }: Component, topic: string): Promise<void> {
  const deleting = deletingSettings.filter((key) => metadata.has(key));
  if (deleting.length > 0)
    throw new Error(
      `the component ${name} sets ${deleting.join(', ')}: RabbitMQ would delete events that are not recorded yet. Remove it.`,
    );
  // Dapr's defaults.
  const durable = metadata.get('durable') !== 'false';
  const autoDelete = metadata.get('deletedWhenUnused') !== 'false';
  const kind = metadata.get('exchangeKind') ?? 'fanout';
  const queue = queueOf(topic);
  const connection = await connect(url);
  try {
    const channel = await connection.createChannel();
    // The rejected call reports the same error.
    channel.on('error', () => undefined);
    await channel
      .assertExchange(topic, kind, { durable, autoDelete })
      .catch(rejectNaming(`the exchange ${topic}`, 'Delete it and try again: publishing creates it anew.'));
    await channel
      .assertQueue(queue, { durable, autoDelete, arguments: { 'x-queue-type': 'classic' } })
      .catch(
        rejectNaming(
          `the queue ${queue}`,
          'Stop the services, wait until it is empty, delete it and try again.',
        ),
      );
    await channel.bindQueue(queue, topic, '');
  } finally {
    await connection.close().catch(() => undefined);
  }
}

/** RabbitMQ's answer to a declaration with other settings, which closes the channel. */
const inequivalent =
  /inequivalent arg '([^']+)'.*: received (?:the value )?(\S+).* but current is (?:the value )?([^\s"]+)/;

function rejectNaming(what: string, advice: string): (cause: unknown) => never {
  return (cause) => {
    const [, setting, wanted, existing] = inequivalent.exec(errorText(cause)) ?? [];
    if (setting === undefined || wanted === undefined || existing === undefined)
      throw new Error(`${what} could not be created: ${errorText(cause)}`, { cause });
    throw unchangeable(what, [`${setting} ${existing} instead of ${wanted}`], advice);
  };
}
