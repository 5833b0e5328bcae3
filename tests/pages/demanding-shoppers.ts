import type { Shopper } from '@unity-purchase/contracts';

/** The shoppers whose pages are looked at. Their names and ids are as demanding as the shop allows. */
export const shoppers = {
  longHistory: { id: 'ada-1815', name: 'Ada Lovelace' },
  newcomer: { id: 'nora-newcomer', name: 'Nora Newcomer' },
  erased: { id: 'erik-the-erased', name: 'Erik Erased' },
  longName: {
    id: `customer-${'0123456789'.repeat(11)}`,
    name: 'Wolfeschlegelsteinhausenbergerdorff'.repeat(3).slice(0, 100),
  },
  rightToLeft: { id: 'لمى-١٩٩٠-الرياض', name: 'لمى عبد الرحمن بنت يوسف آل الشيخ (Lama)' },
  markup: { id: '<b>"bold" & \'quoted\'</b>', name: '<script>alert("Bobby & Söhne")</script>' },
  emoji: { id: '🙂🙃🙂🙃🙂', name: '👩‍👩‍👧‍👦 Zoë Ångström 🏴󠁧󠁢󠁥󠁮󠁧󠁿 김철수 手仕事' },
  operator: { id: 'grace-1906', name: 'Grace Hopper' },
} as const satisfies Record<string, Shopper>;

/** Shoppers who buy something now and then, so that lists have neighbours. */
export const neighbours: readonly Shopper[] = [
  shoppers.longName,
  shoppers.rightToLeft,
  shoppers.markup,
  shoppers.emoji,
  { id: 'jonas', name: 'Jonas Weber' },
  { id: 'mei-2', name: '美' },
];
