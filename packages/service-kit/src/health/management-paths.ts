/** The paths of health and metrics. */
export const managementPaths = { health: '/health', metrics: '/metrics' } as const;

/** Whether the path of a URL is one of the given paths or below one of them. */
export function isBelow(url: string, parents: readonly string[]): boolean {
  const query = url.indexOf('?');
  const path = query === -1 ? url : url.slice(0, query);
  return parents.some((parent) => path === parent || path.startsWith(`${parent}/`));
}
