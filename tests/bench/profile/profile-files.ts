/** The environment variable with the folder to which a profiled service writes. */
export const profileFolderVariable = 'CPU_PROFILE_FOLDER';

/** The file that a process writes its CPU profile to. */
export function profileFileOf(pid: number): string {
  return `${pid}.cpuprofile`;
}
