import { z } from 'zod';
import type { Manifest } from '../rendering/render.js';

const dashboardSchema = z.object({
  uid: z.string(),
  title: z.string(),
  panels: z.array(z.object({ title: z.string(), targets: z.array(z.object({ expr: z.string() })) })),
});

export type Dashboard = {
  configMap: string;
  uid: string;
  queries: { where: string; query: string }[];
};

/** The dashboards that Grafana finds among the objects. Throws for an invalid dashboard. */
export function dashboardsIn(objects: readonly Manifest[]): Dashboard[] {
  return objects
    .filter(({ kind, metadata }) => kind === 'ConfigMap' && metadata.labels?.['grafana_dashboard'] === '1')
    .flatMap(({ metadata, data }) =>
      Object.values(data as Record<string, string>).map((text) => {
        const { uid, title, panels } = dashboardSchema.parse(JSON.parse(text));
        const queries = panels.flatMap((panel) =>
          panel.targets.map(({ expr }) => ({ where: `${title}: ${panel.title}`, query: expr })),
        );
        return { configMap: metadata.name, uid, queries };
      }),
    );
}
