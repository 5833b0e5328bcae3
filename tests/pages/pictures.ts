/** How a page is pictured. */
export type Picture = {
  language: 'en-GB' | 'de-DE';
  colorScheme: 'light' | 'dark';
  width: number;
  height: number;
};

export const phone = { width: 360, height: 780 } as const;
export const tablet = { width: 768, height: 1024 } as const;
export const desktop = { width: 1440, height: 900 } as const;

/** Every picture that is taken of a page: all in English, and those in German in which long words have the least and the most room. */
export const pictures: readonly Picture[] = [
  ...[phone, tablet, desktop].flatMap((screen) =>
    (['light', 'dark'] as const).map((colorScheme) => ({
      language: 'en-GB' as const,
      colorScheme,
      ...screen,
    })),
  ),
  { language: 'de-DE', colorScheme: 'light', ...phone },
  { language: 'de-DE', colorScheme: 'dark', ...desktop },
];

/** The file of a picture of a page. */
export function fileOf(page: string, { language, colorScheme, width }: Picture): string {
  const suffix = language === 'en-GB' ? '' : `-${language.slice(0, 2)}`;
  return `${page}-${colorScheme}-${width}${suffix}.png`;
}
