// ==Macro==
// @name        spin
// @description An empty loop without an end: all CPU, nothing else
// @version     1.0.0
// @limit       cpu=300ms wall=20s heap=32mb commands=10
// @expect      cpu-limit line 9
// ==/Macro==

while (1);
