/** The answers to hostile requests, counted by kind of request. */
export class Answers {
  readonly #counts = new Map<string, Map<string, number>>();

  /** Counts an answer. A request without one counts as well. */
  add(what: string, status: number | undefined): void {
    const key = status === undefined ? 'none' : String(status);
    const counts = this.#counts.get(what) ?? new Map<string, number>();
    counts.set(key, (counts.get(key) ?? 0) + 1);
    this.#counts.set(what, counts);
  }

  /** Answers that nothing a client sends may cause. With 503, the shop protects itself. */
  failures(): string[] {
    return [...this.#counts].flatMap(([what, counts]) =>
      [...counts]
        .filter(([status]) => Number(status) >= 500 && status !== '503')
        .map(([status, count]) => `  ${what}: ${count} × ${status}`),
    );
  }

  /** One line for each kind of request. */
  text(): string {
    const line = ([what, counts]: [string, Map<string, number>]) =>
      `  ${what.padEnd(32)} ${[...counts].map(([status, count]) => `${count} × ${status}`).join(', ')}`;
    return [...this.#counts].map(line).join('\n');
  }
}
