import { join } from 'node:path';
import { createTwoFilesPatch } from 'diff';
import { projectRoot } from '@unity-purchase/tools';
import { renderedCombination } from './combinations.js';

/** Where operators find what exchanging the broker changes. */
export const brokerDiffFile = join(projectRoot, 'docs/operators/kafka-to-rabbitmq.diff');

/** What the production overlay renders to on RabbitMQ instead of Kafka: a unified diff. */
export async function brokerDiff(): Promise<string> {
  const [before, after] = await Promise.all(
    (['kafka', 'rabbitmq'] as const).map((broker) =>
      renderedCombination({ overlay: 'prod', broker, store: 'mongodb' }),
    ),
  );
  return createTwoFilesPatch('prod, on Kafka', 'prod, on RabbitMQ', before?.text ?? '', after?.text ?? '');
}
