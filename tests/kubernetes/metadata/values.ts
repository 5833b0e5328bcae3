/** The types that upstream declares for values, all of which are texts. */
export type ValueType = 'string' | 'number' | 'bool' | 'duration' | 'bytesize';

/** Go's time.ParseDuration accepts these. Upstream also accepts whole numbers. */
const goDuration = /^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/;

const isValid: Record<ValueType, (text: string) => boolean> = {
  string: () => true,
  number: (text) => /^-?\d+(\.\d+)?$/.test(text),
  // Dapr treats unknown texts as false. KEDA accepts more spellings, which readers may not know.
  bool: (text) => text === 'true' || text === 'false',
  duration: (text) => goDuration.test(text) || /^-?\d+$/.test(text),
  bytesize: (text) => /^\d+([KMGT]i?)?$/.test(text),
};

/** Describes the problem with a value, if any. */
export function valueProblem(
  value: string,
  { type, allowed }: { type: ValueType; allowed?: readonly string[] | undefined },
): string | undefined {
  if (!isValid[type](value)) return `"${value}" is not a ${type}`;
  if (allowed !== undefined && !allowed.includes(value))
    return `"${value}" is not one of ${allowed.join(', ')}`;
  return undefined;
}
