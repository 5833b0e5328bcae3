import { describe, expect, test } from '@jest/globals';
import { nameMatcher } from './match-name.js';

describe('nameMatcher', () => {
  test.each([
    ['ada', 'Ada Lovelace'],
    ['LOVE', 'Ada Lovelace'],
    ['lovelace ada', 'Ada Lovelace'],
    ['a l', 'Ada Lovelace'],
    ['Müller', 'Jörg Müller'],
    ['mueller', 'Jörg Müller'],
    ['muller', 'Jörg Müller'],
    ['Müller', 'Joerg Mueller'],
    ['jorg muell', 'Jörg Müller'],
    ['strasse', 'Anna Straße'],
    ['Straße', 'Anna Strasse'],
    ['renee', 'Renée'],
    ['Sorensen', 'Søren Sørensen'],
    ['soerensen', 'Søren Sørensen'],
    ['lodz', 'Łódź'],
    ['o’brien', "Pat O'Brien"],
    ['jean luc', 'Jean-Luc'],
    ['王', '王小明'],
    ['Иван', 'иван Петров'],
    ['zoë', 'Zoe\u0308'],
    ['ada', 'Ⓐda'],
  ])('finds %j in %j', (typed, name) => {
    expect(nameMatcher(typed)(name)).toBe(true);
  });

  test.each([
    ['ada', 'Canada Lovelace'],
    ['ada byron', 'Ada Lovelace'],
    ['mueller', 'Jörg Muller'],
    ['', 'Ada'],
    ['–', 'Ada –'],
    ['.*', 'Ada'],
  ])('does not find %j in %j', (typed, name) => {
    expect(nameMatcher(typed)(name)).toBe(false);
  });
});
