import { describe, expect, test } from '@jest/globals';
import { projectRoot } from '../../project-root.js';
import { brokers } from '../brokers.js';
import { mainPair } from '../pairs.js';
import { stores } from '../stores.js';
import { chooseResources, choicesOf, requireChoice } from './choose-resources.js';

const choice = { broker: 'pigeon', store: 'shoebox' };

describe('choosing broker and store', () => {
  test('replaces the folders of the broker and the store in the run file, and keeps other paths', () => {
    const paths = [
      '/checkout/components/common',
      '/checkout/components/brokers/other',
      '/checkout/components/stores/other',
      '/checkout/brokers/other',
      '/elsewhere/components/brokers/other',
    ];
    expect(chooseResources(paths, choice, '/checkout')).toEqual([
      '/checkout/components/common',
      '/checkout/components/brokers/pigeon',
      '/checkout/components/stores/shoebox',
      '/checkout/brokers/other',
      '/elsewhere/components/brokers/other',
    ]);
  });

  test('offers every broker and store of this repository', async () => {
    expect(await choicesOf('broker', projectRoot)).toEqual(Object.keys(brokers).sort());
    expect(await choicesOf('store', projectRoot)).toEqual(Object.keys(stores).sort());
  });

  test('rejects an unknown name and lists the known ones', async () => {
    await expect(requireChoice(choice, projectRoot)).rejects.toThrow(
      `There is no broker "pigeon". Choose one of: ${Object.keys(brokers).sort().join(', ')}`,
    );
    await expect(requireChoice({ ...mainPair, store: 'shoebox' }, projectRoot)).rejects.toThrow(
      `There is no store "shoebox". Choose one of: ${Object.keys(stores).sort().join(', ')}`,
    );
  });
});
