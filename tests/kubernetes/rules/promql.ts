/** One metric that a query reads, with the labels it chooses series by. */
export type Selector = { metric: string; matchers: Readonly<Record<string, string>> };

const words = new Set(['and', 'or', 'unless', 'bool', 'offset']);

/** The metrics that a query reads. No parser: what can stand before a name or around it is taken away first. */
export function metricsIn(query: string): Set<string> {
  const bare = query
    .replaceAll(/"(?:[^"\\]|\\.)*"/g, '""')
    .replaceAll(/\{[^}]*\}|\[[^\]]*\]/g, '')
    .replaceAll(/\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, '');
  const names = [...bare.matchAll(/(?<![\w:.])[a-zA-Z_:][\w:]*(?!\s*\(|[\w:])/g)].map(([name]) => name);
  return new Set(names.filter((name) => !words.has(name)));
}

/** The selectors of a query that say more than a name. */
export function selectorsIn(query: string): Selector[] {
  return [...query.matchAll(/([a-zA-Z_:][\w:]*)\{([^}]*)\}/g)].map(([, metric = '', inside = '']) => ({
    metric,
    matchers: Object.fromEntries(
      [...inside.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"([^"]*)"/g)].map(([, label = '', value = '']) => [
        label,
        value,
      ]),
    ),
  }));
}
