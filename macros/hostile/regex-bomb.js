// ==Macro==
// @name        regex-bomb
// @description A pattern that tries every way of cutting forty letters into groups
// @version     1.0.0
// @limit       cpu=300ms wall=20s heap=32mb commands=10
// @expect      cpu-limit line 11
// ==/Macro==

const letters = 'a'.repeat(40);

return /^(a+)+$/.test(`${letters}!`);
