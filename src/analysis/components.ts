// Owns the circles of a graph: Tarjan's strongly connected components, with a stack of its own so that no graph overflows it.

/** Every set of nodes that can reach each other; single nodes only where they reach themselves. */
export function components(edges: readonly (readonly number[])[]): number[][] {
  const found: number[][] = [];
  const order = new Int32Array(edges.length).fill(-1);
  const low = new Int32Array(edges.length);
  const isOpen = new Uint8Array(edges.length);
  const open: number[] = [];
  let count = 0;
  for (let root = 0; root < edges.length; root++) {
    if (order[root] !== -1) continue;
    const path: { node: number; at: number }[] = [];
    const enter = (node: number) => {
      order[node] = count;
      low[node] = count;
      count++;
      open.push(node);
      isOpen[node] = 1;
      path.push({ node, at: 0 });
    };
    enter(root);
    for (let top = path.at(-1); top; top = path.at(-1)) {
      const { node } = top;
      const next = edges[node]?.[top.at++];
      if (next === undefined) {
        path.pop();
        const parent = path.at(-1);
        if (parent) low[parent.node] = Math.min(low[parent.node] ?? 0, low[node] ?? 0);
        if (low[node] === order[node]) {
          const members = open.splice(open.lastIndexOf(node));
          for (const member of members) isOpen[member] = 0;
          if (members.length > 1 || edges[node]?.includes(node)) found.push(members);
        }
      } else if (order[next] === -1) enter(next);
      else if (isOpen[next]) low[node] = Math.min(low[node] ?? 0, order[next] ?? 0);
    }
  }
  return found;
}
