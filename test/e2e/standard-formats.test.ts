// What stands beside a dump for other programs is what they read: each file is held against the rules of its format.

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createCorral, type EndEvent } from '../../src/corral.ts';
import { tempDir } from '../support/temp.ts';

const temp = tempDir();
after(() => temp[Symbol.dispose]());
const LEAK = `const seen = [];
function keep(n) {
  seen.push({ n, text: 'x'.repeat(20) + n });
}
for (let n = 0; ; n++) keep(n);`;
const BURN = `function step(n) {
  return (n * 31 + 7) % 1000003;
}
let n = 1;
for (;;) n = step(n);`;

/** Stops a macro with everything written beside its dump, and gives the end. */
async function stop(
  source: string,
  heapSnapshot: boolean | number = true,
  cpu = '1s',
): Promise<EndEvent & { warnings: string[] }> {
  await using corral = createCorral({
    dumpDir: temp.path,
    heapSnapshot,
    limits: { heap: '24mb', cpu },
  });
  const run = corral.start(source, { lint: false });
  const warnings: string[] = [];
  run.on('warning', ({ message }) => warnings.push(message));
  return { ...(await run.result), warnings };
}

const beside = (dump: string | null, extension: string): string =>
  (dump ?? '').replace(/json$/, extension);
const read = (path: string): never => JSON.parse(readFileSync(path, 'utf8')) as never;

interface CallFrame {
  functionName: string;
  scriptId: string;
  url: string;
  lineNumber: number;
  columnNumber: number;
}

function assertCallFrame(frame: CallFrame): void {
  assert.equal(typeof frame.functionName, 'string');
  assert.equal(typeof frame.scriptId, 'string');
  assert.equal(typeof frame.url, 'string');
  assert.ok(Number.isInteger(frame.lineNumber) && Number.isInteger(frame.columnNumber));
}

describe('beside the dump of a stopped macro', () => {
  let leak: EndEvent;
  let burn: EndEvent;
  before(async () => {
    [leak, burn] = [await stop(LEAK, true, '30s'), await stop(BURN)];
    assert.deepEqual([leak.reason, burn.reason], ['heap-limit', 'cpu-limit']);
  });

  test('a .cpuprofile is a tree of known nodes with a sample for each moment', () => {
    const profile: {
      nodes: { id: number; callFrame: CallFrame; hitCount?: number; children?: number[] }[];
      startTime: number;
      endTime: number;
      samples: number[];
      timeDeltas: number[];
    } = read(beside(burn.dump, 'cpuprofile'));
    const ids = new Set(profile.nodes.map(({ id }) => id));
    assert.equal(ids.size, profile.nodes.length, 'each id once');
    const children = profile.nodes.flatMap((node) => node.children ?? []);
    assert.equal(new Set(children).size, children.length, 'each node has one parent');
    assert.equal(children.length, profile.nodes.length - 1, 'all but the root');
    assert.ok(children.every((id) => ids.has(id)));
    assert.ok(profile.samples.every((id) => ids.has(id)));
    assert.equal(profile.samples.length, profile.timeDeltas.length);
    // Both readers begin at the first node and walk down; speedscope adds the deltas up, DevTools draws up to the end.
    assert.equal(profile.nodes[0]?.callFrame.functionName, '(root)');
    const byId = new Map(profile.nodes.map((node) => [node.id, node]));
    const reached = new Set<number>();
    const walk = (id: number): void => {
      assert.ok(!reached.has(id), 'no way leads back');
      reached.add(id);
      byId.get(id)?.children?.forEach(walk);
    };
    walk(profile.nodes[0]?.id ?? 0);
    assert.equal(reached.size, profile.nodes.length);
    assert.ok(profile.startTime < profile.endTime);
    assert.ok(profile.timeDeltas.every((delta) => Number.isInteger(delta) && delta >= 0));
    const lasted = profile.timeDeltas.reduce((sum, delta) => sum + delta, 0);
    assert.ok(profile.startTime + lasted <= profile.endTime);
    for (const { callFrame } of profile.nodes) assertCallFrame(callFrame);
    const own = profile.nodes.find(({ callFrame }) => callFrame.functionName === 'step');
    assert.ok(own ?? profile.nodes.some(({ callFrame }) => callFrame.url === 'macro.js'));
  });

  test('a .heapprofile is a tree of sizes, its samples in known nodes', () => {
    interface Node {
      id: number;
      callFrame: CallFrame;
      selfSize: number;
      children: Node[];
    }
    const profile: { head: Node; samples: { nodeId: number; size: number }[] } = read(
      beside(leak.dump, 'heapprofile'),
    );
    const all: Node[] = [];
    const visit = (node: Node) => {
      all.push(node);
      assertCallFrame(node.callFrame);
      assert.ok(node.selfSize >= 0);
      node.children.forEach(visit);
    };
    visit(profile.head);
    assert.equal(profile.head.callFrame.functionName, '(root)');
    const ids = new Set(all.map(({ id }) => id));
    assert.equal(ids.size, all.length);
    assert.ok(profile.samples.every(({ nodeId }) => ids.has(nodeId)));
    // V8 may inline `keep` into the loop, and built-ins it calls allocate for it: all that stands under the macro counts.
    const sum = (node: Node, isOwn: boolean): number => {
      const own = isOwn || node.callFrame.url === 'macro.js';
      const below = node.children.reduce((bytes, child) => bytes + sum(child, own), 0);
      return below + (own ? node.selfSize : 0);
    };
    const total = all.reduce((bytes, { selfSize }) => bytes + selfSize, 0);
    const held = sum(profile.head, false);
    assert.ok(held > total / 2, `${held} of ${total} by the macro`);
  });

  test('a .heapsnapshot has the nodes, edges and texts it says, and shows who holds the memory', () => {
    const { snapshot, nodes, edges, strings } = read(beside(leak.dump, 'heapsnapshot')) as {
      snapshot: {
        meta: {
          node_fields: string[];
          edge_fields: string[];
          node_types: [string[]];
          edge_types: [string[]];
        };
        node_count: number;
        edge_count: number;
      };
      nodes: number[];
      edges: number[];
      strings: string[];
    };
    const { node_fields: nodeFields, edge_fields: edgeFields } = snapshot.meta;
    assert.equal(nodes.length, snapshot.node_count * nodeFields.length);
    assert.equal(edges.length, snapshot.edge_count * edgeFields.length);
    const nameAt = nodeFields.indexOf('name');
    const countAt = nodeFields.indexOf('edge_count');
    const typeAt = nodeFields.indexOf('type');
    const idAt = nodeFields.indexOf('id');
    const nodeTypes = snapshot.meta.node_types[0];
    assert.equal(nodeTypes[nodes[typeAt] ?? -1], 'synthetic', 'the first is the root');
    const ids = new Set<number>();
    let sum = 0;
    for (let at = 0; at < nodes.length; at += nodeFields.length) {
      sum += nodes[at + countAt] ?? 0;
      ids.add(nodes[at + idAt] ?? -1);
      assert.ok(nodeTypes[nodes[at + typeAt] ?? -1] !== undefined, 'a type the meta names');
      assert.ok((nodes[at + nameAt] ?? -1) < strings.length);
    }
    assert.equal(sum, snapshot.edge_count);
    assert.equal(ids.size, snapshot.node_count, 'each id once');
    const edgeTypes = snapshot.meta.edge_types[0];
    for (let at = 0; at < edges.length; at += edgeFields.length) {
      const type = edgeTypes[edges[at + edgeFields.indexOf('type')] ?? -1];
      assert.ok(type !== undefined);
      const isNamed = type !== 'element' && type !== 'hidden';
      const name = edges[at + edgeFields.indexOf('name_or_index')] ?? -1;
      assert.ok(!isNamed || name < strings.length);
    }
    const toAt = edgeFields.indexOf('to_node');
    for (let at = toAt; at < edges.length; at += edgeFields.length)
      assert.ok((edges[at] ?? 1) % nodeFields.length === 0 && (edges[at] ?? 0) < nodes.length);
    assert.ok(snapshot.node_count > 50_000, 'the objects of the macro are in it');
    assert.ok(strings.includes('seen'), 'and the name that holds them');
  });

  test('a macro that sleeps has its heap written too', async () => {
    const end = await stop(
      'const kept = { treasure: 1 };\nawait new Promise(() => {});\nkept.treasure;',
    );
    assert.equal(end.reason, 'idle-limit');
    const { strings } = read(beside(end.dump, 'heapsnapshot')) as { strings: string[] };
    assert.ok(strings.includes('treasure'));
  });

  test('a snapshot that would be too large, or cannot be had, is said and leaves nothing', async () => {
    const large = await stop(LEAK, 100_000);
    assert.match(large.warnings.join(), /its heap snapshot cannot be: it is larger than 97\.7kb/);
    const stuck = await stop('Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1)');
    assert.match(
      stuck.warnings.join(),
      /its heap snapshot cannot be: the macro could not be asked/,
    );
    // Too deep in its stack to be held: ended, and with its stack all went that only this held.
    const deep = await stop(
      'function dig(n) {\n  if (n > 0) return dig(n - 1);\n  const held = [];\n  for (;;) held.push({ n });\n}\ndig(3000);',
    );
    assert.match(deep.warnings.join(), /its heap snapshot cannot be: the macro had to be ended/);
    for (const { dump } of [large, stuck, deep]) {
      assert.ok(existsSync(dump ?? ''));
      assert.equal(existsSync(beside(dump, 'heapsnapshot')), false);
    }
    assert.deepEqual(
      readdirSync(temp.path).filter((name) => name.endsWith('.tmp')),
      [],
    );
  });

  test('none is written unless it is asked for', async () => {
    const end = await stop(BURN, false);
    assert.ok(readdirSync(temp.path).includes(end.dump?.split('/').at(-1) ?? ''));
    assert.equal(existsSync(join(beside(end.dump, 'heapsnapshot'))), false);
  });
});
