import { access, open, rm, type FileHandle } from 'node:fs/promises';
import { shopperExportStreamLineSchema, type ShopperExportStreamLine } from '@unity-purchase/contracts';
import { InterruptedError, resumableLines } from './resumable-lines.js';

type Options = {
  ask: (cursor: string | undefined) => Promise<Response>;
  onLine?: (line: ShopperExportStreamLine) => void;
  pausesMs?: readonly number[];
};

type End = Extract<ShopperExportStreamLine, { kind: 'end' }>;

const parse = (text: string) => shopperExportStreamLineSchema.parse(JSON.parse(text));

/**
 * Writes an export to a new file that only its owner can read, and resolves to its last line. Until it is complete, it is in
 * `FILE.partial`, with the cursors. If that file exists, the export in it is continued.
 */
export async function exportToFile(file: string, { ask, onLine, pausesMs }: Options): Promise<End> {
  if (await exists(file)) throw new Error(`${file}: file already exists`);
  const partial = `${file}.partial`;
  const isContinued = await exists(partial);
  await using output = await open(partial, isContinued ? 'r+' : 'wx+', 0o600);
  const received = await lastCursor(output);
  let { bytes } = received;
  const dropRest = () => output.truncate(bytes);
  await dropRest();
  let end: End | undefined;
  try {
    let position = bytes;
    const lines = resumableLines({
      ask,
      parse,
      cursor: received.cursor,
      onInterruption: async () => {
        position = bytes;
        await dropRest();
      },
      ...(pausesMs === undefined ? {} : { pausesMs }),
    });
    for await (const { line, text } of lines) {
      position += (await output.write(`${text}\n`, position)).bytesWritten;
      if (line.kind === 'progress' && line.cursor !== undefined) bytes = position;
      if (line.kind === 'end') end = line;
      onLine?.(line);
    }
  } catch (thrown) {
    if (bytes > 0) throw canBeContinued(thrown, partial);
    await rm(partial, { force: true });
    if (!(thrown instanceof InterruptedError)) throw thrown;
    throw new Error('The export was interrupted. Nothing was saved. Try again.', { cause: thrown });
  }
  if (end === undefined) throw new Error('an export has no end');
  await copyData(output, file);
  await rm(partial);
  return end;
}

function canBeContinued(cause: unknown, partial: string): Error {
  const why = cause instanceof InterruptedError || !(cause instanceof Error) ? '' : ` ${cause.message}`;
  return new Error(
    `The export was interrupted.${why} What was received is in ${partial}. Run the command again to continue, or delete that file to start again.`,
    { cause },
  );
}

/** The last cursor in a partial export, and where its line ends. */
async function lastCursor(partial: FileHandle): Promise<{ cursor: string | undefined; bytes: number }> {
  const last: { cursor: string | undefined; bytes: number } = { cursor: undefined, bytes: 0 };
  let position = 0;
  for await (const text of partial.readLines({ start: 0, autoClose: false, encoding: 'utf8' })) {
    position += Buffer.byteLength(text) + 1;
    // The last line may be incomplete. Then it has no cursor, or the service sends it again.
    if (!text.startsWith('{"kind":"progress"') || !text.endsWith('}')) continue;
    const line = parse(text);
    if (line.kind === 'progress' && line.cursor !== undefined)
      Object.assign(last, { cursor: line.cursor, bytes: position });
  }
  const { size } = await partial.stat();
  // A line without its end was not written completely: its cursor is true, and the end is written now.
  if (last.bytes > size) await partial.write('\n', size);
  return last;
}

/** Copies everything but the progress to a new file. */
async function copyData(partial: FileHandle, file: string): Promise<void> {
  await using output = await open(file, 'wx', 0o600);
  for await (const text of partial.readLines({ start: 0, autoClose: false, encoding: 'utf8' }))
    if (parse(text).kind !== 'progress') await output.write(`${text}\n`);
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
