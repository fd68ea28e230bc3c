// ==Macro==
// @name        never-settles
// @description Waits for an answer that nobody can ever give
// @version     1.0.0
// @grant       chat.say
// @limit       idle=300ms cpu=1s wall=20s heap=32mb commands=10
// @expect      idle-limit line 11
// ==/Macro==

await chat.say({ text: 'is anybody there?' });
await new Promise(() => {});
