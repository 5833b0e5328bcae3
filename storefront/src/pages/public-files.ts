import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

/** A content coding of HTTP that a file is compressed with. */
export type Coding = 'br' | 'gzip';

/** A file as it is sent: compressed, or as it is if `encoding` is undefined. */
export type EncodedFile = { content: Buffer; encoding: Coding | undefined };

/** A file of the folder `public`. */
export type PublicFile = {
  /** The hash of its content. */
  hash: string;
  /** With the dot. */
  extension: string;
  /** The file in a coding, or as it is where the coding gains nothing. It is compressed once, when it is first asked for. */
  encode: (coding: Coding | undefined) => Promise<EncodedFile>;
};

/** A file and whose content its address names: this one's, that of another version of the shop, or just the file's. */
export type FoundFile = { file: PublicFile; version: 'this' | 'other' | 'any' };

/** The files that anyone can read. They stay in memory, and nothing else is ever found. */
export type PublicFiles = {
  /** The address of a file, such as `/style.0a1b2c3d4e.css` for `style.css`. A name without a file leads to its plain address. */
  addressOf: (name: string) => string;
  /** The file at the path of an address. */
  find: (path: string) => FoundFile | undefined;
};

/** Enough to tell versions of a file apart. */
const hashLength = 10;

/** A path with a hash before the extension. */
const hashedPath = new RegExp(`^(.+)\\.([0-9a-f]{${hashLength}})(\\.\\w+)$`);

/** A file that is compressed to more than this is sent as it is: pictures such as PNG are compressed already. */
const worthwhileRatio = 0.9;

/** Each file is compressed once, so it is compressed as much as possible. */
const compress = {
  br: (content: Buffer) =>
    promisify(brotliCompress)(content, {
      params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY },
    }),
  gzip: (content: Buffer) => promisify(gzip)(content, { level: constants.Z_BEST_COMPRESSION }),
} satisfies Record<Coding, (content: Buffer) => Promise<Buffer>>;

/** Reads all files of a folder, except hidden ones. @throws the system's error if one cannot be read */
export function readPublicFiles(folder: string): PublicFiles {
  const files = new Map<string, PublicFile>(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => {
        const path = join(parentPath, name);
        return [`/${relative(folder, path).replaceAll(sep, '/')}`, path] as const;
      })
      .filter(([path]) => !path.includes('/.'))
      .map(([path, place]) => [path, publicFile(readFileSync(place), extname(path))] as const),
  );
  return {
    addressOf: (name) => {
      const file = files.get(`/${name}`);
      if (file === undefined) return `/${name}`;
      return `/${name.slice(0, -file.extension.length)}.${file.hash}${file.extension}`;
    },
    find: (path) => {
      const plain = files.get(path);
      if (plain !== undefined) return { file: plain, version: 'any' };
      const [, stem = '', hash, extension = ''] = hashedPath.exec(path) ?? [];
      const file = files.get(stem + extension);
      return file && { file, version: file.hash === hash ? 'this' : 'other' };
    },
  };
}

function publicFile(content: Buffer, extension: string): PublicFile {
  const compressed = {
    br: once(() => encode(content, 'br')),
    gzip: once(() => encode(content, 'gzip')),
  };
  return {
    hash: createHash('sha256').update(content).digest('hex').slice(0, hashLength),
    extension,
    encode: (coding) =>
      coding === undefined ? Promise.resolve({ content, encoding: undefined }) : compressed[coding](),
  };
}

/** Calls a function when its result is first needed, and keeps the result. */
function once<Result>(create: () => Result): () => Result {
  let result: Result | undefined;
  return () => (result ??= create());
}

async function encode(content: Buffer, coding: Coding): Promise<EncodedFile> {
  const compressed = await compress[coding](content);
  return compressed.length > content.length * worthwhileRatio
    ? { content, encoding: undefined }
    : { content: compressed, encoding: coding };
}
