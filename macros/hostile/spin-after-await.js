// ==Macro==
// @name        spin-after-await
// @description Sleeps first, so that a limit on the first stretch alone would miss the loop
// @version     1.0.0
// @limit       cpu=300ms wall=20s heap=32mb commands=10
// @expect      cpu-limit line 13
// ==/Macro==

log('nothing to see here');
await sleep(20);

let turns = 0;
while (true) turns++;
