// ==Macro==
// @name        paginator
// @description Listens for a while, then reads everything that was said page by page
// @version     1.0.0
// @grant       chat.heard movement.wait
// @limit       wall=20s cpu=500ms heap=32mb commands=60
// @input       pageSize:integer=5
// @input       pagesMax:integer=8
// @expect      completed
// ==/Macro==

await movement.wait({ ticks: 100 });
await movement.wait({ ticks: 60 });

const speakers = {};
let page = 0;
let after = 0; // the number of the last line we have read
let more = true;

// Both conditions matter: `more` ends the reading, `pagesMax` ends it even if people talk faster than we read.
while (more && page < input.pagesMax) {
  const { lines, next, more: another } = await chat.heard({ after, limit: input.pageSize });
  page++;
  log.info(`page ${page}${another ? '' : ', the last'}`);
  for (const { number, from, text } of lines) {
    speakers[from] = (speakers[from] ?? 0) + 1;
    log.info(`  ${String(number).padStart(3)} ${from}: ${text}`);
  }
  after = next;
  more = another;
}

return { pages: page, lines: Object.values(speakers).reduce((sum, count) => sum + count, 0), speakers };
