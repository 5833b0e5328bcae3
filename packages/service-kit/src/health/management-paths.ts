/** Where probes, operators and the sidecar ask how a service is. */
export const managementPaths = { health: '/health', metrics: '/metrics' } as const;

/** Whether an address, with or without a query, is one of these places or below it. */
export function isBelow(url: string, places: readonly string[]): boolean {
  const query = url.indexOf('?');
  const path = query === -1 ? url : url.slice(0, query);
  return places.some((place) => path === place || path.startsWith(`${place}/`));
}
