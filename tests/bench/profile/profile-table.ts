import { numberText } from '../report/figure-text.js';
import { figureColumns, renderTable } from '../report/table.js';
import { timesByOwner, type CallTree } from './call-tree.js';

const rowsMax = 30;

/** Where the time of a thread went, for one purchase: by package, and by file of this repository. */
export function profileTable(tree: CallTree, purchases: number): string {
  const row = (owner: string, us: number) => [
    owner,
    numberText(us / purchases),
    `${((us / tree.totalUs) * 100).toFixed(1)} %`,
  ];
  const times = timesByOwner(tree);
  const others = times.slice(rowsMax).reduce((sum, { us }) => sum + us, 0);
  return renderTable(figureColumns('package or file, with what it has Node do', 'µs', 'share'), [
    ...times.slice(0, rowsMax).map(({ owner, us }) => row(owner, us)),
    row('everything else', others),
    row('everything', tree.totalUs),
  ]);
}
