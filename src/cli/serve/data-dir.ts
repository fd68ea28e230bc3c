// Owns where a service keeps everything when nobody says, and the flag that says otherwise.

import { Option } from 'commander';

/** The folder. */
export const DEFAULT_DATA_DIR = '.corral/service';

/** `--data-dir`, for commands about a service's data. */
export function dataDirOption(): Option {
  return new Option('--data-dir <dir>', 'the data folder of `corral serve`').default(
    DEFAULT_DATA_DIR,
  );
}
