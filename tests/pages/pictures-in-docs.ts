import { desktop, fileOf, phone, type Picture } from './pictures.js';

/** A picture that the documentation shows, and what is to be seen there. */
export type PictureInDocs = { page: string; picture: Picture; caption: string };

const english = { language: 'en-GB' } as const;
const phoneLight: Picture = { ...english, ...phone, colorScheme: 'light' };
const phoneDark: Picture = { ...english, ...phone, colorScheme: 'dark' };
const desktopLight: Picture = { ...english, ...desktop, colorScheme: 'light' };
const desktopDark: Picture = { ...english, ...desktop, colorScheme: 'dark' };

/** The dozen pictures that say the most about the shop. `npm run screenshots` takes many more, for reviews. */
export const picturesInDocs: readonly PictureInDocs[] = [
  { page: 'shop', picture: desktopLight, caption: 'The shop' },
  { page: 'product', picture: desktopDark, caption: 'A product' },
  { page: 'shop', picture: phoneDark, caption: 'The shop on a phone' },
  { page: 'basket', picture: phoneLight, caption: 'The basket' },
  { page: 'checkout', picture: phoneDark, caption: 'Check the order before it is placed' },
  {
    page: 'checkout-not-confirmed',
    picture: phoneLight,
    caption: 'The broker does not answer: the order is not confirmed',
  },
  { page: 'receipt', picture: desktopLight, caption: 'The receipt of a recorded purchase' },
  { page: 'delayed', picture: phoneDark, caption: 'A purchase that could not be recorded yet' },
  { page: 'history', picture: desktopDark, caption: 'Two years of purchases in three currencies' },
  { page: 'history', picture: phoneLight, caption: 'The history on a phone' },
  { page: 'desk', picture: desktopDark, caption: "The operators' desk" },
  { page: 'dead-letters', picture: desktopLight, caption: 'Events that could not be recorded' },
];

/** The page that shows the pictures. */
export function gallery(): string {
  const parts = picturesInDocs.map(
    ({ page, picture, caption }) => `## ${caption}\n\n![${caption}](${fileOf(page, picture)})\n`,
  );
  return [
    '# The pages of the shop\n',
    'These are some of them. `npm run screenshots` takes every page in every state, in three widths and both colour schemes, and writes\n' +
      'them to `.data/screenshots`. `npm run screenshots -- --docs` takes the pictures on this page.\n',
    ...parts,
  ].join('\n');
}
