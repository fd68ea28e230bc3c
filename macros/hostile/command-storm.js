// ==Macro==
// @name        command-storm
// @description Gives thousands of commands at once and waits for all of them together
// @version     1.0.0
// @grant       movement.where
// @limit       commands=100 cpu=1s wall=20s heap=64mb
// @expect      command-limit line 10
// ==/Macro==

const places = await Promise.all(Array.from({ length: 5000 }, () => movement.where()));

return places.length;
