/** Cyan, green, yellow, magenta and blue are readable on dark and light backgrounds. Red is reserved for errors. */
const colours = [36, 32, 33, 35, 34];

/**
 * Returns a function that prefixes a line of output with the name of its process, padded to the longest name so far. With
 * `coloured`, each name has its own colour.
 */
export function createLinePrefix(
  names: readonly string[],
  coloured: boolean,
): (name: string, line: string) => string {
  const known = [...names];
  return (name, line) => {
    if (!known.includes(name)) known.push(name);
    const width = Math.max(...known.map((one) => one.length));
    const prefix = `${name.padEnd(width)} |`;
    if (!coloured) return `${prefix} ${line}`;
    const colour = colours[known.indexOf(name) % colours.length];
    return `\u001b[${colour ?? 0}m${prefix}\u001b[0m ${line}`;
  };
}
