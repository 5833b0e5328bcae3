/** A part of a page: code, which is shown as it is, or text. */
type Part = { code: boolean; text: string };

/** Fenced blocks and code in a line. */
const code = /(^[ \t]*(```+|~~~+)[^\n]*\n[\s\S]*?^[ \t]*\2[ \t]*$|`[^`\n]+`)/gm;

function partsOf(markdown: string): Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const match of markdown.matchAll(code)) {
    parts.push({ code: false, text: markdown.slice(end, match.index) }, { code: true, text: match[0] });
    end = match.index + match[0].length;
  }
  return [...parts, { code: false, text: markdown.slice(end) }];
}

/** A page with its text changed, and its code as it was. */
export function changeText(markdown: string, change: (text: string) => string): string {
  return partsOf(markdown)
    .map(({ code: isCode, text }) => (isCode ? text : change(text)))
    .join('');
}

/** A page with the targets of its links and pictures changed. */
export function changeLinks(markdown: string, change: (target: string) => string): string {
  // Not part by part: the text of a link may be code, and stands before its target.
  const placed = new Set<number>();
  let at = 0;
  for (const { code: isCode, text } of partsOf(markdown)) {
    if (isCode) for (let index = at; index < at + text.length; index += 1) placed.add(index);
    at += text.length;
  }
  return markdown.replaceAll(
    // In parentheses behind the text, or in a definition below it.
    /(\]\(\s*|^\[[^\]\n]+\]:[ \t]+)([^)\s]+)(\s*\)|[ \t]*$)/gm,
    (whole, before: string, target: string, after: string, index: number) =>
      placed.has(index) ? whole : before + change(target) + after,
  );
}

/** A text as a cell of a table. */
export const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

/** Rows as a table; nothing, without rows. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line), ''].join('\n');
}
