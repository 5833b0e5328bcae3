import type { BenchmarkSystem } from './benchmark-system.js';
import type { BacklogWriter } from './load/backlog.js';
import { buyWithoutPause } from './load/buy-without-pause.js';
import { signInShoppers } from './load/shoppers.js';
import { clientCounts, measureAccept } from './measures/accept.js';
import { measureAtARate } from './measures/at-a-rate.js';
import { measureDrainRounds } from './measures/drain-rounds.js';
import { measureFreshness, recordedEverything } from './measures/freshness.js';
import { measureHangingReads } from './measures/hanging-reads.js';
import { measurePages } from './measures/pages.js';
import { measureRefusals } from './measures/refuse.js';
import { measureService } from './measures/services.js';
import { requestsMax, type Accepting, type Pipeline } from './pipelines/pipeline.js';
import { numberText, roundText } from './report/figure-text.js';
import { compare } from './report/rounds.js';
import {
  rateOf,
  type AcceptRound,
  type BareRounds,
  type DrainRound,
  type FreshnessRound,
  type HangingReadsRound,
  type PageFigure,
  type RefuseRound,
  type ServiceFigure,
} from './results.js';
import { roundsOf, type Settings } from './settings.js';

/** Enough shoppers to reach every partition, however a client hashes keys. */
const shopperCount = 64;

/** So few purchases per second that each is alone. */
const idlePerSecond = 5;

/** The events that a recorder has to record when its memory is measured. */
const loadedWith = 5_000;

/** A new process is slow at first. */
const warmUp = { clients: 16, seconds: 4 };

type Measured = {
  accept: AcceptRound[];
  bare: BareRounds;
  drain: DrainRound[];
  freshness: FreshnessRound[];
  idleFreshness: FreshnessRound[];
  refuse: RefuseRound[];
  hangingReads: HangingReadsRound[];
  pages: PageFigure[];
  services: ServiceFigure[];
};

/** Takes every measurement, alternating sides, and prints each result. */
export async function runBenchmark(
  { pipelines, bare, backlog, services: { storefront: shop, recorder }, ...pausing }: BenchmarkSystem,
  settings: Settings,
  tell: (line: string) => void,
): Promise<Measured> {
  const [sidecars] = pipelines;
  if (sidecars === undefined) throw new TypeError('there is no pipeline to measure');
  const ofBare: BareRounds = { accept: [], atARate: [] };
  const accept = await acceptRounds({ pipelines, bare, ofBare }, settings, tell);
  for (const { topic, group } of pipelines) await backlog.skip(topic, group);
  const drain = await measureDrainRounds(
    { pipelines, backlog },
    {
      rounds: roundsOf(settings),
      count: settings.backlog,
      report: (figure) => {
        tell(`drain        ${roundText(figure)} ${numberText(rateOf(figure))}/s`);
      },
    },
  );
  const freshness: FreshnessRound[] = [];
  const perSecond = bearableRate(accept, drain);
  for (const round of roundsOf(settings))
    for (const pipeline of pipelines) {
      const figure = await measureFreshness(pipeline, { round, perSecond, seconds: settings.seconds });
      freshness.push(figure);
      tell(`freshness    ${roundText(figure)} at ${perSecond}/s ${latencyText(figure)}`);
    }
  const idleFreshness: FreshnessRound[] = [];
  for (const round of roundsOf(settings))
    for (const pipeline of pipelines) {
      const options = { round, perSecond: idlePerSecond, seconds: settings.seconds };
      const figure = await measureFreshness(pipeline, options);
      idleFreshness.push(figure);
      tell(`when idle    ${roundText(figure)} ${latencyText(figure)}`);
    }
  // Nothing records meanwhile: the bare server has a topic of its own.
  const anyone = await signInShoppers(sidecars.storefront, shopperCount);
  for (const round of roundsOf(settings)) {
    const { seconds } = settings;
    ofBare.atARate.push(await measureAtARate(bare, { round, shoppers: anyone, perSecond, seconds }));
  }
  const pages = await measurePages(sidecars);
  for (const figure of pages)
    tell(`page         ${figure.page.padEnd(16)} ${figure.bytes} bytes, ${latencyText(figure)}`);
  const refuse: RefuseRound[] = [];
  const { storefront } = sidecars;
  for (const round of roundsOf(settings)) {
    const figure = await measureRefusals({
      round,
      storefront,
      requestsMax,
      withoutPublications: pausing.withoutPublications,
    });
    refuse.push(figure);
    tell(`refuse       sidecars round ${round} ${latencyText(figure)}`);
  }
  const hangingReads: HangingReadsRound[] = [];
  const shoppers = await signInShoppers(storefront, shopperCount);
  for (const round of roundsOf(settings)) {
    const { seconds } = settings;
    const figure = await measureHangingReads(sidecars, {
      round,
      seconds,
      shoppers,
      withoutAnswers: pausing.withoutAnswers,
    });
    hangingReads.push(figure);
    tell(`buying alone round ${round} ${latencyText(figure.alone)}`);
    tell(`reads hang   round ${round} ${latencyText(figure.whileReadsHang)}`);
  }
  const services: ServiceFigure[] = [];
  const starts = settings.rounds;
  const clients = Math.max(...clientCounts);
  const buy = () => buyWithoutPause({ storefront, shoppers, clients, seconds: settings.seconds });
  services.push(await measureService(shop, { starts, work: buy }));
  await backlog.skip(sidecars.topic, sidecars.group);
  await sidecars.recorder.start();
  services.push(await measureService(recorder, { starts, work: () => recordAll(sidecars, backlog) }));
  await sidecars.recorder.stop();
  for (const { name, readyMs, idleMiB, peakMiB } of services)
    tell(
      `service      ${name} ready in ${readyMs.map(numberText).join(', ')} ms, ${numberText(idleMiB)} to ${numberText(peakMiB)} MiB`,
    );
  return { accept, bare: ofBare, drain, freshness, idleFreshness, refuse, hangingReads, pages, services };
}

/** Lets the recorder, which has just started, record as fast as it can. */
async function recordAll({ topic, recorder }: Pipeline, backlog: BacklogWriter): Promise<void> {
  await backlog.fill(topic, loadedWith);
  await recordedEverything(recorder, loadedWith);
}

/** Lets everyone accept in turn. Adds the rounds of the bare server to `ofBare`, and returns those of the pipelines. */
async function acceptRounds(
  { pipelines, bare, ofBare }: { pipelines: readonly Pipeline[]; bare: Accepting; ofBare: BareRounds },
  settings: Settings,
  tell: (line: string) => void,
): Promise<AcceptRound[]> {
  const rounds: AcceptRound[] = [];
  const ready = await Promise.all(
    pipelines.map(async (pipeline) => ({
      pipeline,
      shoppers: await signInShoppers(pipeline.storefront, shopperCount),
    })),
  );
  // The bare server knows no sessions, so anyone's will do.
  const shoppersOfBare = ready[0]?.shoppers ?? [];
  for (const { pipeline, shoppers } of ready)
    await measureAccept(pipeline, { round: 0, shoppers, ...warmUp });
  await measureAccept(bare, { round: 0, shoppers: shoppersOfBare, ...warmUp });
  const report = (label: string, figure: Omit<AcceptRound, 'side'>) => {
    const rate = `${numberText(rateOf(figure))}/s`;
    tell(`accept ${String(figure.clients).padStart(5)} ${label} ${rate} ${latencyText(figure)}`);
  };
  for (const round of roundsOf(settings))
    for (const clients of clientCounts) {
      for (const { pipeline, shoppers } of ready) {
        const figure = await measureAccept(pipeline, { round, shoppers, clients, ...settings });
        rounds.push({ side: pipeline.side, ...figure });
        report(roundText({ side: pipeline.side, round }), figure);
      }
      const figure = await measureAccept(bare, { round, shoppers: shoppersOfBare, clients, ...settings });
      ofBare.accept.push(figure);
      report(roundText({ side: 'bare', round }), figure);
    }
  return rounds;
}

/**
 * Half of the rate that the system can accept and record at the same time: both share the processors, so their times per
 * purchase add up. At a higher rate purchases would queue, and their age would depend on the length of the measurement.
 */
function bearableRate(accept: readonly AcceptRound[], drain: readonly DrainRound[]): number {
  const accepted = clientCounts.map((count) => {
    const rounds = accept.filter(({ clients }) => clients === count);
    return compare(rounds, rateOf).sidecars.median;
  });
  const secondsPerPurchase = 1 / Math.max(...accepted) + 1 / compare(drain, rateOf).sidecars.median;
  return Math.max(1, Math.floor(1 / secondsPerPurchase / 2));
}

function latencyText({ p50Ms, p99Ms }: { p50Ms: number; p99Ms: number }): string {
  return `p50 ${numberText(p50Ms)} ms, p99 ${numberText(p99Ms)} ms`;
}
