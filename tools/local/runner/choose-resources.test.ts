import { describe, expect, test } from '@jest/globals';
import { projectRoot } from '../../project-root.js';
import { chooseResources, choicesOf, requireChoice } from './choose-resources.js';

const choice = { broker: 'jetstream', store: 'sqlite' };

describe('choosing broker and store', () => {
  test('their folders are exchanged whichever the run file names, and other paths stay', () => {
    const paths = [
      '/checkout/components/common',
      '/checkout/components/brokers/kafka',
      '/checkout/components/stores/mongodb',
      '/checkout/brokers/kafka',
      '/elsewhere/components/brokers/kafka',
    ];
    expect(chooseResources(paths, choice, '/checkout')).toEqual([
      '/checkout/components/common',
      '/checkout/components/brokers/jetstream',
      '/checkout/components/stores/sqlite',
      '/checkout/brokers/kafka',
      '/elsewhere/components/brokers/kafka',
    ]);
  });

  test('the folders of this repository are the choice', async () => {
    expect(await choicesOf('broker', projectRoot)).toEqual(expect.arrayContaining(['jetstream', 'kafka']));
    expect(await choicesOf('store', projectRoot)).toEqual(expect.arrayContaining(['mongodb', 'sqlite']));
  });

  test('an unknown one is refused with those there are', async () => {
    await expect(requireChoice({ ...choice, broker: 'pigeon' }, projectRoot)).rejects.toThrow(
      /There is no broker "pigeon"\. Choose one of: .*jetstream, kafka/,
    );
    await expect(requireChoice({ ...choice, store: 'shoebox' }, projectRoot)).rejects.toThrow(
      /There is no store "shoebox"\. Choose one of: .*mongodb/,
    );
  });
});
