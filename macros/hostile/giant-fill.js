// ==Macro==
// @name        giant-fill
// @description One call of one built-in that writes a thousand million bytes and asks nobody in between
// @version     1.0.0
// @limit       heap=32mb cpu=300ms wall=20s commands=10
// @expect      heap-limit|stuck|cpu-limit line 9
// ==/Macro==

const zeros = new Array(2 ** 27).fill(0);

return zeros.length;
