// ==Macro==
// @name        array-leak
// @description Keeps everything it makes
// @version     1.0.0
// @limit       heap=32mb cpu=2s wall=20s commands=10
// @expect      heap-limit line 10
// ==/Macro==

const kept = [];
for (;;) kept.push(new Array(100).fill(kept.length));
