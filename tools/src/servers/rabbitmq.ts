import { mqttProbe, speaks } from './protocol-probe.js';
import type { ServerDefinition } from './server-definition.js';
export const rabbitmq: ServerDefinition = {
  name: 'rabbitmq',
  title: 'RabbitMQ',
  defaultPorts: [5672],
  obtain: () => Promise.resolve(),
  answers: (p) => speaks(p, mqttProbe),
  processes: () => Promise.resolve([]),
};
