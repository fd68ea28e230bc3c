// Owns keeping compiled code between the test files, each of which is a process of its own, and what they start: a third of
// the suite's time would go into compiling the same sources again. Loaded before the tests (see `npm test`).

import module from 'node:module';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'corral');
module.enableCompileCache(folder);
process.env.NODE_COMPILE_CACHE = folder;
