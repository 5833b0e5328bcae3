import { z } from 'zod';

/**
 * The CloudEvents 1.0 envelope (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md) around data of a
 * type. Loose, because Dapr adds attributes of its own on the way (topic, pubsubname, traceid, …).
 */
export const cloudEventSchema = <Type extends string, Data extends z.ZodType>(type: Type, data: Data) =>
  z.looseObject({
    specversion: z.literal('1.0'),
    id: z.string().min(1),
    source: z.string().min(1),
    type: z.literal(type),
    subject: z.string().min(1),
    time: z.iso.datetime({ offset: true }).optional(),
    datacontenttype: z.literal('application/json'),
    data,
  });
