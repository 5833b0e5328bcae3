import type { Express } from 'express';

/** A route of an app: its method in capitals, and its path with parameters. */
export type Route = { method: string; path: string };

type Layer = {
  route?: { path: string | string[]; methods: Record<string, boolean> };
  handle?: { stack?: Layer[] };
};

/** Every route that an Express app has registered. */
export function routesOf(app: Express): Route[] {
  return routesIn((app as unknown as { router: { stack: Layer[] } }).router.stack);
}

function routesIn(stack: readonly Layer[]): Route[] {
  return stack.flatMap(({ route, handle }) => {
    if (route === undefined) return routesIn(handle?.stack ?? []);
    return [route.path]
      .flat()
      .flatMap((path) =>
        Object.keys(route.methods).map((method) => ({ method: method.toUpperCase(), path })),
      );
  });
}
