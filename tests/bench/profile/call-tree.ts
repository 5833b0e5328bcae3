import type { CpuProfile } from './cpu-profile.js';

/** A function and everything that it called, from this caller. Times are in microseconds. */
export type CallTree = {
  name: string;
  /** Where the function is: a file of this repository, `node_modules/…`, `node:…`, or nothing for the machine's own work. */
  file: string;
  selfUs: number;
  /** Its own time and that of everything that it called. */
  totalUs: number;
  children: CallTree[];
};

/** The name that V8 gives to a thread with nothing to do. */
const idleName = '(idle)';

/** The call tree of a profile, without idle time. `root` is the address of the repository's folder, such as `file:///shop/`. */
export function callTreeOf({ nodes, samples = [], timeDeltas = [] }: CpuProfile, root: string): CallTree {
  const selfUs = new Map<number, number>();
  // A delta is the time since the sample before it, so it belongs to the function that was running then.
  samples.forEach((id, index) => {
    selfUs.set(id, (selfUs.get(id) ?? 0) + Math.max(0, timeDeltas[index + 1] ?? 0));
  });
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const treeOf = (id: number): CallTree => {
    const node = byId.get(id);
    if (node === undefined) throw new TypeError(`the profile has no node ${id}`);
    const { functionName, url } = node.callFrame;
    const children = (node.children ?? [])
      .filter((child) => byId.get(child)?.callFrame.functionName !== idleName)
      .map(treeOf);
    const own = selfUs.get(id) ?? 0;
    return {
      name: functionName === '' ? '(anonymous)' : functionName,
      file: url.startsWith(root) ? url.slice(root.length) : url,
      selfUs: own,
      totalUs: children.reduce((sum, child) => sum + child.totalUs, own),
      children,
    };
  };
  const [first] = nodes;
  if (first === undefined) throw new TypeError('the profile is empty');
  return treeOf(first.id);
}

/** What a function belongs to: a package, a file of this repository, Node, or the machine's own work, such as garbage collection. */
export function ownerOf({ name, file }: Pick<CallTree, 'name' | 'file'>): string {
  const inPackage = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1];
  if (inPackage !== undefined) return inPackage;
  if (file === '' && name.startsWith('(')) return name;
  return file === '' || /^(?:node|wasm):/.test(file) ? nodeOwner : file;
}

const nodeOwner = 'node';

/**
 * The time that each owner takes, the longest first. What an owner has Node do counts as its own time, and what it has another
 * owner do does not, so that the times add up to the whole.
 */
export function timesByOwner(tree: CallTree): { owner: string; us: number }[] {
  const times = new Map<string, number>();
  const visit = (node: CallTree, caller: string): void => {
    const own = ownerOf(node);
    const owner = own === nodeOwner ? caller : own;
    times.set(owner, (times.get(owner) ?? 0) + node.selfUs);
    for (const child of node.children) visit(child, owner);
  };
  for (const child of tree.children) visit(child, nodeOwner);
  return [...times].map(([owner, us]) => ({ owner, us })).sort((one, other) => other.us - one.us);
}
