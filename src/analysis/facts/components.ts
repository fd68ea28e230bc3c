// Owns the circles of a graph: Tarjan's strongly connected components, with a stack of its own so that no graph overflows it.

/** Every set of nodes that can reach each other; single nodes only where they reach themselves. */
export function components(edges: readonly (readonly number[])[]): number[][] {
  const search = new Search(edges);
  for (let root = 0; root < edges.length; root++) search.from(root);
  return search.found;
}

class Search {
  readonly found: number[][] = [];
  readonly #edges: readonly (readonly number[])[];
  /** When each node was come by; 0 for not yet. */
  readonly #order: Int32Array;
  readonly #low: Int32Array;
  readonly #isOpen: Uint8Array;
  /** How many edges of each node have been followed. */
  readonly #at: Int32Array;
  readonly #open: number[] = [];
  readonly #path: number[] = [];
  #count = 0;

  constructor(edges: readonly (readonly number[])[]) {
    this.#edges = edges;
    this.#order = new Int32Array(edges.length);
    this.#low = new Int32Array(edges.length);
    this.#isOpen = new Uint8Array(edges.length);
    this.#at = new Int32Array(edges.length);
  }

  from(root: number): void {
    // Most nodes lead nowhere, and are in no circle.
    if (this.#order[root] !== 0 || this.#edges[root]?.length === 0) return;
    this.#enter(root);
    for (let node = this.#path.at(-1); node !== undefined; node = this.#path.at(-1)) {
      const next = this.#edges[node]?.[this.#at[node] ?? 0];
      if (next === undefined) {
        this.#path.pop();
        this.#leave(node);
        continue;
      }
      this.#at[node] = (this.#at[node] ?? 0) + 1;
      if (this.#order[next] === 0) this.#enter(next);
      else if (this.#isOpen[next]) this.#lower(node, this.#order[next] ?? 0);
    }
  }

  #enter(node: number): void {
    this.#count++;
    this.#order[node] = this.#count;
    this.#low[node] = this.#count;
    this.#isOpen[node] = 1;
    this.#open.push(node);
    this.#path.push(node);
  }

  #lower(node: number, to: number): void {
    if (to < (this.#low[node] ?? 0)) this.#low[node] = to;
  }

  #leave(node: number): void {
    const low = this.#low[node] ?? 0;
    const parent = this.#path.at(-1);
    if (parent !== undefined) this.#lower(parent, low);
    if (low !== this.#order[node]) return;
    const members = this.#open.splice(this.#open.lastIndexOf(node));
    for (const member of members) this.#isOpen[member] = 0;
    if (members.length > 1 || this.#edges[node]?.includes(node)) this.found.push(members);
  }
}
