// Owns the names and words of the two versions of the kernel's memory cgroups.

/** Version 1 has a hierarchy a controller, version 2 one for all. */
export type GroupVersion = 1 | 2;

/** What is read and written in a memory cgroup. */
export interface GroupFiles {
  /** The most it may hold (bytes). */
  readonly limit: string;
  /** Written to `limit` for none. */
  readonly none: string;
  /** Once it is made: the file and what is written to it, where the kernel has it. */
  readonly once: Readonly<Record<string, string>>;
  /** Version 1: the most it may hold with what was swapped out (bytes), never less than `limit`. */
  readonly withSwap: string | null;
  /** Counts the processes in it that the kernel killed for want of memory, in version 2 also how often for its own limit. */
  readonly kills: string;
  /** The most it ever held (bytes). */
  readonly peak: string;
}

/** By version. */
export const GROUP_FILES: Readonly<Record<GroupVersion, GroupFiles>> = {
  1: {
    limit: 'memory.limit_in_bytes',
    none: '-1',
    // Where what is swapped out is not counted, nothing is swapped out.
    once: { 'memory.swappiness': '0' },
    withSwap: 'memory.memsw.limit_in_bytes',
    kills: 'memory.oom_control',
    peak: 'memory.max_usage_in_bytes',
  },
  2: {
    limit: 'memory.max',
    none: 'max',
    once: { 'memory.swap.max': '0', 'memory.oom.group': '1' },
    withSwap: null,
    kills: 'memory.events',
    peak: 'memory.peak',
  },
};
