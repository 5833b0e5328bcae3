import {
  components,
  rebuildApiPath,
  rebuildEventsAnswerSchema,
  rebuildLineSchema,
  rebuildTargets,
  shopperIdSchema,
  shopperKey,
  shopperKeyPattern,
  topics,
  type RebuildDifference,
  type RebuildProgress,
  type RebuildTarget,
} from '@unity-purchase/contracts';
import { componentsOf } from '../../local/runner/local-resources.js';
import { addressOf, serverComponentOf, withEnvironment } from '../../local/servers/component-address.js';
import type { TakeEvents } from '../../local/servers/component-definition.js';
import { projectRoot } from '../../project-root.js';
import { askPurchaseService } from '../ask-purchase-service.js';
import { exitCodes } from '../exit-codes.js';
import { patiently } from '../patiently.js';
import { readArguments, UsageError } from '../read-arguments.js';
import { RebuildReport } from '../rebuild-report.js';
import { InterruptedError, resumableLines } from '../resumable-lines.js';
import { runCommand } from '../run-command.js';
import { eventBatches, newShoppers, shopperBatches } from '../topic-requests.js';

/** A comparison takes as long as the shop is large. It sends lines all the time. */
const streamTimeoutMs = 7 * 24 * 60 * 60_000;

/** A request with events is small, but each of them may be recorded. */
const eventsTimeoutMs = 120_000;

type Request = { url: string; target: RebuildTarget; query: URLSearchParams };

process.exitCode = await runCommand('rebuild', () => readCommand(process.argv.slice(2))());

/** Returns what the arguments ask for. @throws UsageError */
function readCommand(args: readonly string[]): () => Promise<number> {
  const { values, positionals } = readArguments('rebuild', args);
  const { url, broker, shopper: shoppers = [] } = values;
  const target = rebuildTargets.find((known) => known === positionals[0]);
  if (target === undefined || positionals.length > 1) throw new UsageError('An action is required.');
  if (!URL.canParse(url)) throw new UsageError(`--url ${url} is not a URL.`);
  const invalid = shoppers.find((shopper) => !shopperIdSchema.safeParse(shopper).success);
  if (invalid !== undefined) throw new UsageError(`--shopper ${invalid} is not a shopper id.`);
  const address = values['broker-address'];
  if (address !== undefined && broker === undefined) throw new UsageError('--broker-address needs --broker.');
  const isRepairing = values.repair === true;
  const query = new URLSearchParams();
  if (isRepairing) query.set('repair', 'true');
  for (const [option, name] of [
    ['replace-unreadable', 'replaceUnreadable'],
    ['remove-unknown', 'removeUnknown'],
  ] as const) {
    if (values[option] !== true) continue;
    if (!isRepairing) throw new UsageError(`--${option} needs --repair.`);
    query.set(name, 'true');
  }
  const request = { url, target, query };
  const keys = shoppers.map((text) => (shopperKeyPattern.test(text) ? text : shopperKey(text)));
  return () => rebuild(request, keys, { broker, address, isRepairing });
}

/**
 * Checks the segments of the journal first: nothing can be recorded completely without it. Then it compares the topic, so that what is
 * recorded from it is in the histories when these are compared.
 */
async function rebuild(
  request: Request,
  shoppers: readonly string[],
  {
    broker,
    address,
    isRepairing,
  }: { broker?: string | undefined; address?: string | undefined; isRepairing: boolean },
): Promise<number> {
  const report = new RebuildReport(isRepairing);
  await compare(request, '/segments', report);
  for (const some of shopperBatches(shoppers)) await compareShoppers(request, some, report);
  const unread = await compareTopic(request, { broker, address }, report);
  if (unread !== undefined) {
    console.log(`The topic was not compared: ${unread.why}`);
    if (unread.isFailure) report.unread(unread.why);
  }
  await compare(request, `/${request.target}`, report);
  console.log(report.summary());
  return report.isRight ? 0 : exitCodes.failed;
}

/** Why the topic was not compared. It is a failure unless it was not asked for, or there is nothing to read. */
type Unread = { why: string; isFailure: boolean };

/** Resolves to undefined if the topic was compared. */
async function compareTopic(
  request: Request,
  { broker, address }: { broker?: string | undefined; address?: string | undefined },
  report: RebuildReport,
): Promise<Unread | undefined> {
  if (broker === undefined) return { why: 'name its broker with --broker.', isFailure: false };
  const found = await componentsOf('broker', broker, projectRoot).catch((cause: unknown) => {
    throw new UsageError((cause as Error).message, { cause });
  });
  const declared = found.find(({ name }) => name === components.pubsub);
  if (declared === undefined)
    return { why: `components/brokers/${broker} has no component ${components.pubsub}.`, isFailure: true };
  const component = withEnvironment(declared);
  const readTopic = serverComponentOf(component.type)?.readTopic;
  if (readTopic === undefined)
    return { why: `${broker} keeps no event that was recorded.`, isFailure: false };
  const text = address ?? addressOf(component)?.text;
  if (text === undefined) return { why: `the component of ${broker} has no address.`, isFailure: true };
  const isNew = newShoppers();
  let failure: Error | undefined;
  const take: TakeEvents = async (events) => {
    try {
      for (const some of shopperBatches(isNew(events)))
        await patiently(() => compareShoppers(request, some, report));
      if (request.target === 'history')
        for (const some of eventBatches(events)) await patiently(() => compareEvents(request, some, report));
      report.read(events.length);
    } catch (thrown) {
      failure = thrown as Error;
      throw thrown;
    }
  };
  try {
    await readTopic(text, component, topics.purchaseEvents, take);
    return undefined;
  } catch (thrown) {
    // The purchase-service failed, not the broker.
    if (failure !== undefined) throw failure;
    return { why: `${broker} cannot be read: ${(thrown as Error).message}`, isFailure: true };
  }
}

async function compareEvents(
  { url, query }: Request,
  events: readonly string[],
  report: RebuildReport,
): Promise<void> {
  const repair = query.has('repair') ? '?repair=true' : '';
  const response = await askPurchaseService({
    url,
    method: 'POST',
    path: `${rebuildApiPath}/history/events${repair}`,
    timeoutMs: eventsTimeoutMs,
    body: { events },
  });
  const { differences, recent, skipped } = rebuildEventsAnswerSchema.parse(await response.json());
  for (const difference of differences) report.found(difference, 'event');
  report.count({ recent, skipped });
}

/** Compares the histories of some shoppers. It is short, so after an interruption it starts again. */
async function compareShoppers(
  request: Request,
  shoppers: readonly string[],
  report: RebuildReport,
): Promise<void> {
  await compare(request, `/${request.target}/shoppers`, report, { shoppers });
}

async function compare(
  { url, query }: Request,
  path: string,
  report: RebuildReport,
  body?: object,
): Promise<void> {
  const lines = resumableLines({
    ask: (cursor) => {
      const search = new URLSearchParams(query);
      if (path === '/segments') search.delete('removeUnknown');
      if (cursor !== undefined) search.set('cursor', cursor);
      return askPurchaseService({
        url,
        method: 'POST',
        path: `${rebuildApiPath}${path}?${search.toString()}`,
        timeoutMs: streamTimeoutMs,
        ...(body === undefined ? {} : { body }),
      });
    },
    parse: (text) => rebuildLineSchema.parse(JSON.parse(text)) as Line,
  });
  try {
    for await (const { line } of lines) {
      if (line.kind === 'difference') report.found(line);
      else if (line.kind === 'progress') report.progress(line);
      else report.count(line);
    }
  } catch (cause) {
    if (!(cause instanceof InterruptedError)) throw cause;
    throw new Error('The comparison was interrupted. What was repaired stays repaired. Run it again.', {
      cause,
    });
  }
}

type Line =
  | (RebuildDifference & { cursor?: undefined })
  | RebuildProgress
  | { kind: 'end'; cursor?: undefined; entries: number; shoppers: number; recent: number };
