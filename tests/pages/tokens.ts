/** The tokens of a shop whose pages are looked at. */
export const tokens = {
  operator: 'seen-by-nobody-in-a-picture',
  sidecar: 'of-the-sidecar-of-pictures',
} as const;
