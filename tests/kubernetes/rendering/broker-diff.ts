import { join } from 'node:path';
import { createTwoFilesPatch } from 'diff';
import { projectRoot } from '@unity-purchase/tools';
import { production, renderedCombination } from './combinations.js';

/** The page that shows operators what changes with the broker. */
export const brokerDiffFile = join(projectRoot, 'docs/operators/kafka-to-rabbitmq.diff');

/** A unified diff of the rendered production overlay: on Kafka, and on RabbitMQ. */
export async function brokerDiff(): Promise<string> {
  const kafka = await renderedCombination(production);
  const rabbitmq = await renderedCombination({ ...production, broker: 'rabbitmq' });
  return createTwoFilesPatch('prod, on Kafka', 'prod, on RabbitMQ', kafka.text, rabbitmq.text);
}
