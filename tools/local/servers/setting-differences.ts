/** Describes each wanted setting that a broker's object does not have, for people. */
export function differencesIn<Settings extends object>(
  existing: Settings,
  wanted: Partial<Settings>,
): string[] {
  return Object.entries(wanted).flatMap(([key, value]) => {
    const found = existing[key as keyof Settings];
    return textOf(found) === textOf(value) ? [] : [`${key} ${textOf(found)} instead of ${textOf(value)}`];
  });
}

/** The refusal of something on a broker whose settings cannot be changed. `advice` says what an operator can do. */
export function unchangeable(what: string, differences: readonly string[], advice: string): Error {
  return new Error(`${what} has ${differences.join(', ')}, which cannot be changed. ${advice}`);
}

/** Returns the settings that have a value. */
export function present<Settings extends object>(
  settings: Settings,
): { [Key in keyof Settings]?: Exclude<Settings[Key], undefined> } {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as {
    [Key in keyof Settings]?: Exclude<Settings[Key], undefined>;
  };
}

function textOf(value: unknown): string {
  if (value === undefined) return 'unset';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
