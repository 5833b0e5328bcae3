/** Debian's names for each processor: the folder of its libraries and the program loader. */
const processors: Partial<Record<string, { triplet: string; loader: string }>> = {
  x64: { triplet: 'x86_64-linux-gnu', loader: 'ld-linux-x86-64.so.2' },
  arm64: { triplet: 'aarch64-linux-gnu', loader: 'ld-linux-aarch64.so.1' },
};

/** The folder of most libraries, relative to the root of unpacked packages. Throws for an unsupported processor. */
export function libraryFolder(): string {
  return `usr/lib/${names().triplet}`;
}

/** All library folders: some packages still use /lib instead of /usr/lib. */
export function libraryFolders(): string[] {
  return [libraryFolder(), `lib/${names().triplet}`];
}

/** The file name of the program loader in that folder. */
export function loaderName(): string {
  return names().loader;
}

function names(): { triplet: string; loader: string } {
  const found = processors[process.arch];
  if (found === undefined)
    throw new Error(`Debian packages for the processor ${process.arch} are not supported; use x64 or arm64`);
  return found;
}
