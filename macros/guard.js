// ==Macro==
// @name        guard
// @description Stands at a post, calls out what it sees and fights what comes too close
// @version     1.0.0
// @grant       movement combat chat.say
// @limit       wall=20s cpu=500ms heap=32mb commands=150
// @input       x:integer=24 y:integer=13
// @input       watches:integer=8    how long to stay; one watch is ten ticks
// @expect      completed
// ==/Macro==

const post = { x: input.x, y: input.y };
const called = new Set(); // nobody is called out twice
let defeated = 0;

async function fight(name) {
  for (let blow = 0; blow < 8; blow++) {
    const { defeated: done, fell, health } = await combat.attack({ target: name });
    if (done) defeated++;
    if (done || fell || health < 7) return;
  }
}

for (let watch = 1; watch <= input.watches; watch++) {
  // After a fight or a fall we may stand elsewhere: going where we are costs nothing.
  await movement.goto(post);
  const { foes } = await combat.foes();
  const hostile = foes.filter((foe) => foe.hostile);

  for (const { name, steps } of hostile) {
    if (steps > 6 || called.has(name)) continue;
    called.add(name);
    await chat.say({ text: `${name} in sight, ${steps} steps from the post!` });
  }

  const close = hostile.find(({ steps }) => steps <= 1);
  if (close) await fight(close.name);
  else await movement.wait({ ticks: 10 });

  const { health } = await combat.status();
  if (health < 10) await combat.rest({ ticks: 20 });
  log.debug(`watch ${watch}: health ${health}, ${hostile.length} hostile in sight`);
}

return { watches: input.watches, called: [...called], defeated };
