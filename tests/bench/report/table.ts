/** A table column: its heading and alignment. */
export type Column = { title: string; align: 'left' | 'right' };

/** A Markdown table, padded to be readable as text. */
export function renderTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map(({ title }, index) =>
    Math.max(3, title.length, ...rows.map((row) => row[index]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const pad = (text: string, index: number) =>
    columns[index]?.align === 'right' ? text.padStart(widths[index] ?? 0) : text.padEnd(widths[index] ?? 0);
  const rule = columns.map(({ align }, index) =>
    align === 'right' ? `${'-'.repeat((widths[index] ?? 0) - 1)}:` : '-'.repeat(widths[index] ?? 0),
  );
  return [
    line(columns.map(({ title }, index) => pad(title, index))),
    line(rule),
    ...rows.map((row) => line(columns.map((_, index) => pad(row[index] ?? '', index)))),
  ].join('\n');
}

/** Columns for a table of names and figures. */
export function figureColumns(names: string, ...figures: readonly string[]): Column[] {
  return [{ title: names, align: 'left' }, ...figures.map((title) => ({ title, align: 'right' as const }))];
}
