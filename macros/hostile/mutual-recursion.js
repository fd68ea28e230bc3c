// ==Macro==
// @name        mutual-recursion
// @description Two functions that ask each other and never come to an answer
// @version     1.0.0
// @limit       cpu=1s wall=20s heap=32mb commands=10
// @expect      failed line 10
// ==/Macro==

// Both stand on one line: which of the two is on top when the stack is full is chance.
const isEven = (n) => isOdd(n - 1), isOdd = (n) => isEven(n - 1);

return isEven(7);
