// ==Macro==
// @name        chat-flood
// @description Talks without a pause until somebody stops it
// @version     1.0.0
// @grant       chat.say
// @limit       commands=5 cpu=300ms wall=5s heap=32mb
// @expect      command-limit line 11
// ==/Macro==

for (let line = 1; ; line++) {
  await chat.say({ text: `buy now! (${line})` });
}
