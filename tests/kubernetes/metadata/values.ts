/** What a text must be, to be taken for more than a text. */
export type ValueType = 'string' | 'number' | 'bool' | 'duration' | 'bytesize';

/** What Go's time.ParseDuration takes; upstream takes whole numbers, too. */
const goDuration = /^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/;

const looksLike: Record<ValueType, (text: string) => boolean> = {
  string: () => true,
  number: (text) => /^-?\d+(\.\d+)?$/.test(text),
  // Everything that Dapr does not know is false to it, and KEDA knows more than people do.
  bool: (text) => text === 'true' || text === 'false',
  duration: (text) => goDuration.test(text) || /^-?\d+$/.test(text),
  bytesize: (text) => /^\d+([KMGT]i?)?$/.test(text),
};

/** What is wrong with a value, or nothing. */
export function valueProblem(
  value: string,
  { type, allowed }: { type: ValueType; allowed?: readonly string[] | undefined },
): string | undefined {
  if (!looksLike[type](value)) return `"${value}" is no ${type}`;
  if (allowed !== undefined && !allowed.includes(value)) return `"${value}" is none of ${allowed.join(', ')}`;
  return undefined;
}
