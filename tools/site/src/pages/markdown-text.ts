/** A part of a page: code, which stays unchanged, or text. */
type Part = { code: boolean; text: string };

/** Fenced blocks and inline code. */
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

/** Changes a page's text and leaves its code alone. */
export function changeText(markdown: string, change: (text: string) => string): string {
  return partsOf(markdown)
    .map(({ code: isCode, text }) => (isCode ? text : change(text)))
    .join('');
}

/** Changes the targets of a page's links and pictures. */
export function changeLinks(markdown: string, change: (target: string) => string): string {
  // Not part by part: a link's text may be code.
  const placed = new Set<number>();
  let at = 0;
  for (const { code: isCode, text } of partsOf(markdown)) {
    if (isCode) for (let index = at; index < at + text.length; index += 1) placed.add(index);
    at += text.length;
  }
  return markdown.replaceAll(
    // In parentheses after the text, or in a link definition.
    /(\]\(\s*|^\[[^\]\n]+\]:[ \t]+)([^)\s]+)(\s*\)|[ \t]*$)/gm,
    (whole, before: string, target: string, after: string, index: number) =>
      placed.has(index) ? whole : before + change(target) + after,
  );
}

/** Escapes a text for a table cell. */
export const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

/** A Markdown table, or an empty text without rows. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line), ''].join('\n');
}
