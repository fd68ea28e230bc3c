// ==Macro==
// @name        bigint-tower
// @description One multiplication of two numbers with millions of digits
// @version     1.0.0
// @limit       cpu=300ms wall=20s heap=32mb commands=10
// @expect      stuck|cpu-limit|heap-limit line 9
// ==/Macro==

const tower = 2n ** (2n ** 29n) * 3n ** (3n ** 15n);

return tower > 0n;
