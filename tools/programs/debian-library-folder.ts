/** Debian's names for a processor: of its packages' folders and of the loader. */
const processors: Partial<Record<string, { triplet: string; loader: string }>> = {
  x64: { triplet: 'x86_64-linux-gnu', loader: 'ld-linux-x86-64.so.2' },
  arm64: { triplet: 'aarch64-linux-gnu', loader: 'ld-linux-aarch64.so.1' },
};

/** Where most libraries are below the root of unpacked packages. Throws for a processor that this was not made for. */
export function libraryFolder(): string {
  return `usr/lib/${names().triplet}`;
}

/** Everywhere that libraries are: some packages have not moved to /usr yet. */
export function libraryFolders(): string[] {
  return [libraryFolder(), `lib/${names().triplet}`];
}

/** The name of the program loader in that folder. */
export function loaderName(): string {
  return names().loader;
}

function names(): { triplet: string; loader: string } {
  const found = processors[process.arch];
  if (found === undefined) throw new Error(`there are no packages for ${process.arch}`);
  return found;
}
