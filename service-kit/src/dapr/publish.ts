import { requireSuccess } from './answer-errors.js';
import type { SidecarClient } from './sidecar-client.js';

/** The broker has this long to acknowledge: a shopper waits for it. */
const publishDeadlineMs = 5000;

/** An event for a topic. Events with one partition key stay in order, where the broker keeps any. */
export type Publication = { component: string; topic: string; event: object; partitionKey: string };

/** Publishes a CloudEvent. Resolves once the broker acknowledged it. @throws DaprError */
export type Publish = (publication: Publication) => Promise<void>;

export function createPublish(client: SidecarClient): Publish {
  return async ({ component, topic, event, partitionKey }) => {
    const query = new URLSearchParams({ 'metadata.partitionKey': partitionKey });
    const answer = await client.request({
      method: 'POST',
      path: `/v1.0/publish/${component}/${topic}?${query.toString()}`,
      // Told that it is one already, Dapr does not wrap the event in a second envelope.
      contentType: 'application/cloudevents+json',
      body: JSON.stringify(event),
      deadlineMs: publishDeadlineMs,
    });
    requireSuccess(answer, 'a publication');
  };
}
