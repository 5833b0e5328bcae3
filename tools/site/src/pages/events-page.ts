import { table } from './markdown-text.js';
import { schemaTables, type Schema } from './schema-tables.js';

type Reference = { $ref: string };

type AsyncApi = {
  info: { version: string; description: string };
  channels: Record<string, { address: string; title: string; description: string }>;
  operations: Record<string, { action: string; channel: Reference; title: string; description: string }>;
  components: {
    messages: Record<
      string,
      {
        name: string;
        title: string;
        summary: string;
        description?: string;
        contentType: string;
        payload?: Schema;
        bindings?: { kafka?: { key?: Schema } };
        examples?: { payload: unknown }[];
      }
    >;
  };
};

const named = ({ $ref }: Reference): string => $ref.split('/').at(-1) ?? '';

/** The events page, from the AsyncAPI document. */
export function eventsPage(document: unknown, file: string): string {
  const { info, channels, operations, components } = document as AsyncApi;
  return [
    '# Events',
    `${info.description} Version ${info.version}. The AsyncAPI document: [${file}](./${file}).`,
    '## Topics',
    table(
      ['Topic', 'Content'],
      Object.values(channels).map(({ address, title, description }) => [
        `\`${address}\``,
        `${title}. ${description}`,
      ]),
    ),
    '## Publishers and subscribers',
    table(
      ['Operation', 'Action', 'Topic'],
      Object.values(operations).map(({ title, action, channel, description }) => [
        title,
        `${action}. ${description}`,
        `\`${channels[named(channel)]?.address ?? ''}\``,
      ]),
    ),
    ...Object.values(components.messages).flatMap((message) => [
      `## ${message.title}`,
      `\`${message.name}\`, \`${message.contentType}\`. ${message.summary} ${message.description ?? ''}`,
      message.payload === undefined ? '' : schemaTables(message.payload),
      message.bindings?.kafka?.key?.description === undefined
        ? ''
        : `Message key: ${message.bindings.kafka.key.description}`,
      ...(message.examples ?? []).map(
        ({ payload }) => `\`\`\`json\n${JSON.stringify(payload, undefined, 2)}\n\`\`\``,
      ),
    ]),
  ].join('\n\n');
}
