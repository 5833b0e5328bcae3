/** What an operation took, and what it may take. */
export type Cost = { used: number; allowed: number };

/** For each limit, the operation that came closest to it. */
export type Costs = Record<string, Cost>;

/** Notes an operation if none before came as close to its limit. */
export function noteCost(costs: Costs, limit: string, cost: Cost): void {
  const worst = costs[limit];
  if (worst === undefined || cost.used * worst.allowed > worst.used * cost.allowed) costs[limit] = cost;
}

/** Notes all operations in `more`. */
export function noteCosts(costs: Costs, more: Costs): void {
  for (const [limit, cost] of Object.entries(more)) noteCost(costs, limit, cost);
}
