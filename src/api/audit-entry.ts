// Owns how the audit tells of a request: who sent it, what it did, and to what.

import type { FastifyRequest } from 'fastify';
import type { AuditEntry } from '../store/history/audit.ts';

/** What was done. */
export interface Deed {
  /** `run.stop`, `macro.put` … */
  readonly action: string;
  /** What it was done to; nothing of its own by default. */
  readonly target?: string;
  /** Whose that is; by default of whoever sent the request. */
  readonly owner?: string;
  /** One line. */
  readonly detail?: string;
}

/** What a request did, as the audit keeps it. */
export function toAuditEntry({ caller }: FastifyRequest, deed: Deed): Omit<AuditEntry, 'id'> {
  const { action, target = '', owner = caller.owner, detail = '' } = deed;
  return { time: Date.now(), by: caller.by, owner, action, target, detail };
}
