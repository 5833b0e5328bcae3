import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { brokers, type Broker } from '../brokers/cluster-brokers.js';
import {
  coverageOf,
  readAlertTests,
  readOneTest,
  readTestFile,
  testFileNames,
  type AlertTest,
} from './alert-tests.js';
import { renderObserved } from './observed-manifests.js';
import { mutated, mutations, type Mutation } from './mutations.js';
import { promtool } from './promtool.js';
import { folderOfRules, recording, ruleFileIn, rulesOf, type RuleFile } from './rule-files.js';
import { scalingOf, type Scaling } from './scaled-objects.js';

/** Evaluating days of rules takes a while on a busy machine. */
const promtoolTimeoutMs = 180_000;

type Observed = {
  rules: Record<Mutation['of'], RuleFile>;
  storefront: Scaling;
  purchaseService: Scaling;
};

const observed = new Map<Broker, Observed>();
let alertTests: AlertTest[] = [];

function observedOn(broker: Broker): Observed {
  const found = observed.get(broker);
  if (found === undefined) throw new Error(`${broker} was not rendered`);
  return found;
}

const testFiles = await testFileNames();
const rulesOn = (broker: Broker) => Object.values(observedOn(broker).rules).flatMap(rulesOf);

beforeAll(async () => {
  alertTests = await readAlertTests();
  for (const broker of brokers) {
    const objects = await renderObserved(broker);
    const storefront = scalingOf(objects, 'storefront');
    observed.set(broker, {
      rules: {
        slo: ruleFileIn(objects, 'purchase-system-slo'),
        alerts: ruleFileIn(objects, 'purchase-system-alerts'),
        lag: ruleFileIn(objects, 'purchase-lag'),
        'scaling-query': recording('scaling_query', storefront.query ?? ''),
      },
      storefront,
      purchaseService: scalingOf(objects, 'purchase-service'),
    });
  }
}, promtoolTimeoutMs);

/** Runs the text of a test file against rules. */
async function runTest(rules: Readonly<Record<string, RuleFile>>, text: string): Promise<void> {
  await using made = await folderOfRules(rules);
  await writeFile(join(made.folder, 'test.yaml'), text);
  await promtool(made.folder, ['test', 'rules', 'test.yaml']);
}

describe('the rendered rules', () => {
  test.each(brokers)('on %s are valid for Prometheus', async (broker) => {
    const { rules } = observedOn(broker);
    await using made = await folderOfRules(rules);
    await promtool(made.folder, ['check', 'rules', ...Object.keys(rules).map((name) => `${name}.yaml`)]);
  });

  test.each(testFiles)(
    'pass the tests in %s',
    async (name) => {
      await runTest(observedOn('kafka').rules, await readTestFile(name));
    },
    promtoolTimeoutMs,
  );

  test.each(brokers.filter((broker) => broker !== 'kafka'))(
    'on %s pass the tests in lag, as on Kafka',
    async (broker) => {
      await runTest(observedOn(broker).rules, await readTestFile('lag'));
    },
  );

  test('are each tested firing and silent', () => {
    const lacking = rulesOn('kafka')
      .filter(({ alert }) => alert !== undefined)
      .map((rule) => ({ ...rule, ...coverageOf(rule, alertTests) }))
      .filter(({ fires, staysSilent }) => !fires || !staysSilent)
      .map(({ alert, labels, fires, staysSilent }) => ({ alert, labels, fires, staysSilent }));
    expect(lacking).toEqual([]);
  });

  test('are exactly the tested ones', () => {
    const known = new Set(rulesOn('kafka').map(({ alert }) => alert));
    expect(alertTests.map(({ alertname }) => alertname).filter((name) => !known.has(name))).toEqual([]);
  });
});

describe('alert thresholds follow from scaling', () => {
  test.each(brokers)('on %s the lag alert fires above the lag that all replicas together allow', (broker) => {
    const { rules, purchaseService } = observedOn(broker);
    const [rule] = rulesOf(rules.lag);
    expect(rule?.expr).toMatch(
      new RegExp(`> ${purchaseService.threshold} \\* ${purchaseService.replicasMax}$`),
    );
  });

  test.each(['storefront', 'purchaseService'] as const)(
    'the scaler of %s fails when the fallback begins',
    (service) => {
      const { rules, [service]: scaling } = observedOn('kafka');
      const rule = rulesOf(rules.alerts).find(({ alert }) => alert === 'ScalerFailing');
      expect(rule?.expr).toMatch(new RegExp(`> ${scaling.failureThreshold}$`));
    },
  );

  test('failures are counted at the recording interval', () => {
    const [group] = observedOn('kafka').rules.slo.groups;
    const counted = group?.rules.filter(({ alert }) => alert !== undefined) ?? [];
    expect(group?.interval).toBe('30s');
    expect(counted.filter(({ expr }) => (expr.match(/\) \* 30 >= 10\)/g) ?? []).length !== 2)).toEqual([]);
    expect(counted).toHaveLength(6);
  });

  test("the lag alert fires below the maximum that Kafka's scaler can report", async () => {
    const objects = await renderObserved('kafka');
    const topic = objects.find(
      ({ kind, metadata }) => kind === 'KafkaTopic' && metadata.name === 'purchase-events',
    );
    const { partitions } = topic?.['spec'] as { partitions: number };
    // It says no more than partitions × threshold.
    expect(partitions).toBeGreaterThan(observedOn('kafka').purchaseService.replicasMax);
  });
});

describe('a broken rule', () => {
  test.each(mutations)(
    '$rule, $what: “$noticedBy.test” fails',
    async (mutation) => {
      const { rules } = observedOn('kafka');
      const { file, test: name } = mutation.noticedBy;
      const only = await readOneTest(file, name);
      const wrong = { ...rules, [mutation.of]: mutated(rules[mutation.of], mutation) };
      await expect(runTest(wrong, only)).rejects.toThrow('FAILED');
    },
    promtoolTimeoutMs,
  );

  test('is tested for every alert', () => {
    const tried = new Set(mutations.map(({ rule }) => rule));
    const alerts = rulesOn('kafka').flatMap(({ alert }) => alert ?? []);
    expect(alerts.filter((alert) => !tried.has(alert))).toEqual([]);
  });
});
