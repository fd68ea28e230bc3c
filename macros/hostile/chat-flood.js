// ==Macro==
// @name        chat-flood
// @description Talks without a pause until somebody stops it
// @version     1.0.0
// @grant       chat.say
// @limit       commands=5 cpu=1s wall=20s heap=32mb
// @expect      command-limit line 11
// ==/Macro==

for (let line = 1; ; line++) {
  await chat.say({ text: `buy now! (${line})` });
}
