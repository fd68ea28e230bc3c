// Owns the words for what the operating system refuses: the codes people meet, said so that they know what to do.

const WORDS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EBUSY: 'something else uses it',
  ECONNREFUSED: 'nobody listens there',
  ECONNRESET: 'the other side is gone',
  EDQUOT: 'the disk quota is used up',
  EEXIST: 'something of that name is there already',
  EFBIG: 'the file would be too large',
  EIO: 'the device reports an error',
  EISDIR: 'it is a folder',
  ELOOP: 'its links lead round in a circle',
  EMFILE: 'too many files are open',
  ENAMETOOLONG: 'its name is too long',
  ENFILE: 'too many files are open',
  ENODEV: 'the device is not there',
  ENOENT: 'there is no such file or folder',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of its path is no folder',
  ENXIO: 'the device is not there',
  EPERM: 'it is not permitted',
  EPIPE: 'the reader is gone',
  EROFS: 'the disk is read-only',
};

/** Why the operating system refused, in words; for any other error its message. */
export function toSystemReason(error: unknown): string {
  const code = codeOf(error);
  if (code !== null && Object.hasOwn(WORDS, code)) return WORDS[code] as string;
  return error instanceof Error ? error.message : String(error);
}

function codeOf(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}
