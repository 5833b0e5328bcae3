import { consumeKafka } from './kafka-consumer.js';
import { openPostgresql } from './postgresql-store.js';
import { runRecorder } from './run-recorder.js';

await runRecorder('kafka-postgresql-recorder', { openStore: openPostgresql, consume: consumeKafka });
