import { parser } from '@prometheus-io/lezer-promql';

/** A series selector in a query: a metric with its label matchers, whichever operator they use. */
export type Selector = { metric: string; matchers: Readonly<Record<string, string>> };

/** The metrics that a query reads, each once. @throws SyntaxError for invalid PromQL */
export function metricsIn(query: string): Set<string> {
  return new Set(allSelectorsIn(query).map(({ metric }) => metric));
}

/** The selectors of a query that have label matchers. @throws SyntaxError for invalid PromQL */
export function selectorsIn(query: string): Selector[] {
  return allSelectorsIn(query).filter(({ matchers }) => Object.keys(matchers).length > 0);
}

/** Walks the syntax tree of Prometheus' own grammar, which its web interface uses. */
function allSelectorsIn(query: string): Selector[] {
  const selectors: { metric: string; matchers: Record<string, string> }[] = [];
  let label = '';
  parser.parse(query).iterate({
    enter: ({ name, type, from, to, node }) => {
      if (type.isError) throw new SyntaxError(`invalid PromQL at character ${from}: ${query}`);
      const text = query.slice(from, to);
      const selector = selectors.at(-1);
      if (name === 'VectorSelector') selectors.push({ metric: '', matchers: {} });
      else if (selector === undefined) return;
      else if (name === 'Identifier' && node.parent?.name === 'VectorSelector') selector.metric = text;
      else if (node.parent?.name !== 'UnquotedLabelMatcher') return;
      else if (name === 'LabelName') label = text;
      else if (name === 'StringLiteral') selector.matchers[label] = text.slice(1, -1);
    },
  });
  return selectors;
}
