// Owns what a text can be to a parser: one of the two forms of a macro, or a problem.

/** The two forms a macro can have. */
export type MacroForm = 'body' | 'module';

/** Something that keeps a text from being a macro; offsets into the text. */
export interface SyntaxProblem {
  readonly message: string;
  readonly start: number;
  readonly end: number;
}
