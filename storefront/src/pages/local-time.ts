/** The format of `<input type="datetime-local">`. */
const localTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/;

/** Reads the value of a field for a date and a time, which is in UTC, as ISO 8601. Undefined for anything else. */
export function readLocalTime(value: string): string | undefined {
  const time = localTime.test(value) ? new Date(`${value}Z`) : undefined;
  return time === undefined || Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}
