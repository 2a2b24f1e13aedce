export interface TreeNode {
  id: string;
  label: string;
}

/**
 * The way back from the root as a tree: under each asset what feeds it. An asset that feeds two is shown twice, a circle
 * is not followed.
 */
export function drawTree(
  root: TreeNode,
  nodes: readonly TreeNode[],
  edges: readonly { source: string; target: string }[],
): string[] {
  const byId = new Map([root, ...nodes].map((node) => [node.id, node]));
  const feeding = (id: string): TreeNode[] =>
    edges
      .filter((edge) => edge.target === id)
      .flatMap((edge) => byId.get(edge.source) ?? [])
      .sort((a, b) => (a.label < b.label ? -1 : 1));
  const draw = (node: TreeNode, indent: string, way: readonly string[]): string[] => {
    const next = feeding(node.id).filter((each) => !way.includes(each.id));
    return next.flatMap((each, index) => {
      const last = index === next.length - 1;
      return [
        `${indent}${last ? '└─ ' : '├─ '}${each.label}`,
        ...draw(each, indent + (last ? '   ' : '│  '), [...way, each.id]),
      ];
    });
  };
  return [root.label, ...draw(root, '', [root.id])];
}
