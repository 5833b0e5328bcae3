import type { BacklogWriter } from '../load/backlog.js';
import type { RecordingPipeline } from '../pipelines/pipeline.js';
import type { DrainRound } from '../results.js';
import { measureDrain } from './drain.js';

type Options = { rounds: readonly number[]; count: number; report: (figure: DrainRound) => void };

/** Measures in every round how fast each pipeline in turn records `count` waiting events. Reports each figure at once. */
export async function measureDrainRounds(
  { pipelines, backlog }: { pipelines: readonly RecordingPipeline[]; backlog: BacklogWriter },
  { rounds, count, report }: Options,
): Promise<DrainRound[]> {
  const figures: DrainRound[] = [];
  for (const round of rounds)
    for (const pipeline of pipelines) {
      await backlog.fill(pipeline.topic, count);
      const figure = await measureDrain(pipeline, { round, count });
      figures.push(figure);
      report(figure);
    }
  return figures;
}
