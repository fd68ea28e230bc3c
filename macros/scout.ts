// ==Macro==
// @name        scout
// @description Climbs from lookout to lookout and draws up a list of dangers (a macro in TypeScript)
// @version     1.0.0
// @grant       movement.goto combat.foes combat.status
// @limit       wall=20s cpu=500ms heap=32mb commands=60
// @input       lookouts:json=[[20,4],[28,8],[24,14]]
// @expect      completed
// ==/Macro==

// Types are taken out before the macro runs; `corral types` writes the ones of the commands for your editor.
interface Sighting {
  readonly name: string;
  readonly at: readonly [x: number, y: number];
  readonly danger: Danger;
}
type Danger = 'none' | 'some' | 'high';

function rate(foe: { hostile: boolean; health: number }, ownHealth: number): Danger {
  if (!foe.hostile) return 'none';
  return foe.health > ownHealth / 2 ? 'high' : 'some';
}

const sightings = new Map<string, Sighting>();
const lookouts = input.lookouts as [number, number][];

for (const [x, y] of lookouts) {
  const { arrived, blockedBy } = await movement.goto({ x, y });
  if (!arrived) log.warn(`no further than here, ${blockedBy} is in the way to ${x},${y}`);

  const { health } = await combat.status();
  const { foes } = await combat.foes();
  for (const foe of foes) {
    sightings.set(foe.name, { name: foe.name, at: [foe.x, foe.y], danger: rate(foe, health) });
  }
}

const ORDER: Record<Danger, number> = { high: 0, some: 1, none: 2 };
const list = [...sightings.values()].sort((a, b) => ORDER[a.danger] - ORDER[b.danger]);
for (const { name, at, danger } of list) log.info(`${danger.padEnd(4)} ${name} at ${at.join(',')}`);

return { seen: list.length, dangers: list.filter(({ danger }) => danger !== 'none') };
