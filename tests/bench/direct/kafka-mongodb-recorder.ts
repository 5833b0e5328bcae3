import { consumeKafka } from './kafka-consumer.js';
import { openMongodb } from './mongodb-store.js';
import { runRecorder } from './run-recorder.js';

await runRecorder('kafka-mongodb-recorder', { openStore: openMongodb, consume: consumeKafka });
