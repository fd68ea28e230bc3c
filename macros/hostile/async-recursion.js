// ==Macro==
// @name        async-recursion
// @description Calls itself after each await for ever: the stack stays flat, the waiting promises pile up
// @version     1.0.0
// @limit       heap=32mb cpu=2s wall=20s commands=10
// @expect      heap-limit line 9
// ==/Macro==

const again = async (depth) => { await null; return again(depth + 1); };

return await again(0);
