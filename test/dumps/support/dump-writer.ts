// A process that writes crash dumps one after another, as fast as it can: `node dump-writer.ts FOLDER NAME HOW-MANY KEEP`.

import { writeDump } from '../../../src/dumps/dump.ts';
import { KEEP_DEFAULT } from '../../../src/dumps/keep-limits.ts';
import { DumpKeeper } from '../../../src/dumps/keeper.ts';
import { toStamp } from '../../../src/dumps/list.ts';
import { sampleDump } from '../../support/dumps.ts';

const [dir = '', name = '', count = '0', keep = '1000'] = process.argv.slice(2);
const keeper = new DumpKeeper(dir, { ...KEEP_DEFAULT, count: Number(keep) });
for (let n = 0; n < Number(count); n++) {
  const dump = sampleDump('heap-limit', {
    runId: `${name}-${n}`,
    endedAt: new Date().toISOString(),
  });
  const { jsonPath } = await writeDump(dump, { dir });
  await keeper.written(toStamp(jsonPath) ?? '', (why) => {
    throw new Error(why);
  });
  process.stdout.write(`${n}\n`);
}
