import { isDeepStrictEqual } from 'node:util';
import { isMap, isScalar, parseAllDocuments, parseDocument, type Document, type Node } from 'yaml';

/** A text value to set at a path (`['images', 0, 'newTag']`). The map that contains it must exist. */
export type YamlEdit = { path: readonly (string | number)[]; value: string };

/** Parses all documents of a YAML file. Throws an error that names the file if it is not valid YAML. */
export function parseYaml(text: string, file: string): Document[] {
  const documents = parseAllDocuments(text) as Document[];
  for (const { errors } of documents)
    if (errors[0] !== undefined)
      throw new Error(`${file} is not YAML: ${errors[0].message}`, { cause: errors[0] });
  return documents;
}

/**
 * Sets values in a file with one YAML document. Every other byte stays as it is, including comments and white space, which
 * the yaml package would reformat. A missing key is added below the last key of its map. Throws if the file is written in a
 * way that cannot be edited like this, for example with aliases or maps in braces.
 */
export function editYaml(text: string, file: string, edits: readonly YamlEdit[]): string {
  const document = parseDocument(text);
  const expected = document.clone();
  // From the end, so that earlier positions stay valid.
  const changed = edits
    .map((edit) => replacementFor(edit, document, text))
    .sort((one, other) => other.start - one.start)
    .reduce((rest, { start, end, content }) => rest.slice(0, start) + content + rest.slice(end), text);
  for (const { path, value } of edits) expected.setIn(path, value);
  if (!isDeepStrictEqual(valueOf(changed), expected.toJS()))
    throw new Error(`${file} is written in a way that cannot be edited automatically. Edit it by hand.`);
  return changed;
}

/** A part of the text, by offsets, and its new content. */
type Replacement = { start: number; end: number; content: string };

function replacementFor({ path, value }: YamlEdit, document: Document, text: string): Replacement {
  const node = document.getIn(path, true);
  if (isScalar(node)) {
    const [start, end] = rangeOf(node);
    return { start, end, content: value };
  }
  const map = document.getIn(path.slice(0, -1));
  const lastKey = isMap(map) ? map.items.at(-1)?.key : undefined;
  if (!isScalar(lastKey)) throw new Error(`There is no map at ${path.slice(0, -1).join('.')}.`);
  const [keyStart] = rangeOf(lastKey);
  const column = keyStart - (text.lastIndexOf('\n', keyStart) + 1);
  const lineEnd = text.indexOf('\n', keyStart);
  const end = lineEnd === -1 ? text.length : lineEnd;
  return { start: end, end, content: `\n${' '.repeat(column)}${String(path.at(-1))}: ${value}` };
}

function rangeOf({ range }: Node): readonly [start: number, end: number] {
  if (range == null) throw new Error('A node that was not parsed from text has no position.');
  return [range[0], range[1]];
}

/** The content of a document, or undefined if it is not valid YAML. */
function valueOf(text: string): unknown {
  const document = parseDocument(text);
  return document.errors.length > 0 ? undefined : document.toJS();
}
