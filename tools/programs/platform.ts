/** An operating system and a processor, with the names that Go and the official releases use. */
export type Platform = { os: 'linux' | 'darwin' | 'windows'; arch: 'amd64' | 'arm64' };

const systems: Partial<Record<string, Platform['os']>> = {
  linux: 'linux',
  darwin: 'darwin',
  win32: 'windows',
};
const processors: Partial<Record<string, Platform['arch']>> = { x64: 'amd64', arm64: 'arm64' };

/** This machine's platform. Throws if there are no official releases for it. */
export function currentPlatform(
  system: string = process.platform,
  processor: string = process.arch,
): Platform {
  const os = systems[system];
  const arch = processors[processor];
  if (os === undefined || arch === undefined)
    throw new Error(`there is no official release for ${system} on ${processor}`);
  return { os, arch };
}

/** The file name of a program on this machine. */
export function executableName(name: string): string {
  return process.platform === 'win32' ? `${name}.exe` : name;
}
