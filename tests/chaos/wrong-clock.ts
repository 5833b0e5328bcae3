const preload = new URL('preloaded-wrong-clock.js', import.meta.url);

/** The environment of a Node.js process whose clock is ahead of the machine's, or behind it if the time is negative. */
export function environmentWithClock(aheadMs: number): Record<string, string> {
  return { NODE_OPTIONS: `--import=${preload.href}`, CLOCK_AHEAD_MS: String(aheadMs) };
}
