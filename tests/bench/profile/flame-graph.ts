import { ownerOf, type CallTree } from './call-tree.js';

const width = 1_600;
const rowHeight = 17;

/** The width of a letter, for cutting texts. */
const letterWidth = 6.2;

/** Calls that are too narrow to see are left out. */
const widthMin = 0.8;

/** Draws a call tree as a flame graph: callers above what they called, as wide as the time that they took. */
export function flameGraph(tree: CallTree, title: string): string {
  const boxes: string[] = [];
  let depthMax = 0;
  const draw = (node: CallTree, left: number, depth: number): void => {
    const boxWidth = (node.totalUs / tree.totalUs) * width;
    if (boxWidth < widthMin) return;
    depthMax = Math.max(depthMax, depth);
    boxes.push(boxOf(node, { left, depth, boxWidth, share: node.totalUs / tree.totalUs }));
    let childLeft = left;
    for (const child of node.children) {
      draw(child, childLeft, depth + 1);
      childLeft += (child.totalUs / tree.totalUs) * width;
    }
  };
  draw({ ...tree, name: title }, 0, 0);
  const height = (depthMax + 1) * rowHeight;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="monospace" font-size="10">`,
    ...boxes,
    '</svg>\n',
  ].join('\n');
}

function boxOf(
  node: CallTree,
  { left, depth, boxWidth, share }: { left: number; depth: number; boxWidth: number; share: number },
): string {
  const label = `${node.name} ${node.file}`.trim();
  const top = depth * rowHeight;
  const letters = Math.floor((boxWidth - 4) / letterWidth);
  const text =
    letters < 3
      ? ''
      : `<text x="${(left + 2).toFixed(1)}" y="${top + 12}">${escaped(label.slice(0, letters))}</text>`;
  const tip = `${label}: ${(share * 100).toFixed(1)} %, ${(node.totalUs / 1_000).toFixed(1)} ms`;
  return `<g><title>${escaped(tip)}</title><rect x="${left.toFixed(1)}" y="${top}" width="${boxWidth.toFixed(1)}" height="${rowHeight - 1}" fill="${colourOf(node)}"/>${text}</g>`;
}

/** Ours, packages and Node look different. */
function colourOf(node: CallTree): string {
  const owner = ownerOf(node);
  if (owner === 'node') return '#c7d8e8';
  if (owner.startsWith('(')) return '#d9d9d9';
  return owner.includes('.ts') ? '#f4a259' : '#f2d388';
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
