import { consumeJetstream } from './jetstream-consumer.js';
import { openSqlite } from './sqlite-store.js';
import { runRecorder } from './run-recorder.js';

await runRecorder('jetstream-sqlite-recorder', { openStore: openSqlite, consume: consumeJetstream });
