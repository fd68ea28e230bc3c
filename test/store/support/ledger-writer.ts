// Owns the process that tests run beside themselves and kill: it notes runs in a ledger, or quarantines a macro and stays.

import { RECKONING } from '../../../src/policy/reckoning.ts';
import { SqliteLedger } from '../../../src/store/ledger.ts';
import { held, macro, run } from './notes.ts';

const [dir = '', what = '', count = '0'] = process.argv.slice(2);
const ledger = new SqliteLedger({ dir, reckoning: RECKONING });
ledger.onProblem((message) => process.stdout.write(`problem: ${message}\n`));

switch (what) {
  // In several turns, so that others come in between.
  case 'notes':
    for (let n = 0; n < Number(count); n++) {
      ledger.noteRun(macro('patrol'), run());
      if (n % 10 === 9) ledger.list(0);
    }
    ledger[Symbol.dispose]();
    break;
  case 'note-and-exit':
    for (let n = 0; n < Number(count); n++) ledger.noteRun(macro('patrol'), run());
    process.exit(0);
    break;
  case 'quarantine':
    ledger.quarantine(macro('patrol'), held());
    process.stdout.write('held\n');
    setInterval(() => undefined, 1000);
    break;
  case 'everything':
    ledger.quarantine(macro('evil'), held());
    for (let n = 0; n < Number(count); n++) ledger.noteRun(macro(`m${n}`), run());
    process.stdout.write(
      `${ledger.list(0).length} macros, evil ${ledger.quarantineOf(macro('evil')) ? 'held' : 'free'}\n`,
    );
    ledger[Symbol.dispose]();
    break;
}
