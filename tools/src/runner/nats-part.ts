import { join } from 'node:path';
import { natsAnswers, writeNatsServerConfig } from '../brokers/nats-server.js';
import type { Part } from './process-set.js';
import { isRoutineOfNats } from './routine-lines.js';
import { brokerStopStage } from './stop-order.js';

/** It only has to close files that are already synced. */
const natsStopTimeoutMs = 10_000;

/** The process of the embedded broker, with its data in `<dataDir>/nats`; ready when it speaks its protocol. */
export async function natsPart(natsServerPath: string, port: number, dataDir: string): Promise<Part> {
  const config = await writeNatsServerConfig(port, join(dataDir, 'nats'));
  return {
    spec: {
      name: 'nats',
      command: natsServerPath,
      args: ['--config', config],
      cwd: dataDir,
      env: process.env,
      stopTimeoutMs: natsStopTimeoutMs,
      isRoutine: isRoutineOfNats,
    },
    stopStage: brokerStopStage,
    isReady: () => natsAnswers(port),
  };
}
