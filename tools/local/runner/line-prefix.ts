/** Cyan, green, yellow, magenta, blue: readable on dark and on light ground; red is left to errors. */
const colours = [36, 32, 33, 35, 34];

/**
 * Puts the name of the process that wrote a line in front of it, padded to the longest name known so far, so that lines
 * of several processes stay readable in one terminal. With `coloured` every name has its colour.
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
