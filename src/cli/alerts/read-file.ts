// Owns reading the file that says who is told of what.

import { ALERTS_BYTES_MAX, type Channel, parseAlertsFile } from '../../alerts/alerts-file.ts';
import { readSourceFile } from '../source-file.ts';

/** The channels of a file. @throws {CorralError} `bad-config`, or what reading a file throws */
export async function readAlertsFile(path: string): Promise<readonly Channel[]> {
  const { text, file } = await readSourceFile(path, 'alerts file', ALERTS_BYTES_MAX);
  return parseAlertsFile(text, file, process.env);
}
