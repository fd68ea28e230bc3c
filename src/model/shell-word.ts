// Owns writing a text so that a shell takes it for one word, for commands that people copy.

/** A text as one word of a POSIX shell. What no terminal should show is for whoever shows it. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./][\w@%+=:,./-]*$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
