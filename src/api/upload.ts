// Owns a submission as it comes in a form: which fields there are, and what is wrong with one that is none.

import type { Multipart } from '@fastify/multipart';
import type { FastifyError, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { SOURCE_BYTES_MAX } from '../model/history.ts';
import { safeText } from '../model/safe-text.ts';
import { ProblemError } from './problem.ts';
import { SubmissionBody } from './submit.ts';

/** The fields of a form. */
export const UploadForm = z.strictObject({
  file: z.file().describe("the macro's text, UTF-8"),
  input: z.string().optional().describe('JSON'),
  limits: z.string().optional().describe('JSON, as in POST /api/runs'),
  owner: z.string().optional().describe('for operators: whose run it is'),
  priority: z.string().optional().describe('a whole number'),
  seed: z.string().optional().describe('a whole number'),
  lint: z.string().optional().describe('true or false, as in POST /api/runs'),
});

/** Those whose text is taken as it is; of the others it is JSON. */
const TEXTS = ['owner'];
const NAMES = Object.keys(UploadForm.shape);
const NAME_CHARS_MAX = 100;

interface Form {
  readonly files: { readonly filename: string; readonly bytes: Buffer }[];
  readonly fields: Map<string, unknown>;
}

/** The submission in a form. @throws {ProblemError} `bad-request`, `bad-input` or `too-large` */
export async function readUpload(request: FastifyRequest): Promise<SubmissionBody> {
  const { files, fields } = await readForm(request);
  const [file, another] = files;
  if (!file) throw bad('There is no file in the request: send one as `file`.');
  if (another) throw bad('There are two files in the request; send one.');
  const parsed = SubmissionBody.safeParse({
    source: toText(file.bytes),
    file: file.filename.slice(-200) || 'macro.js',
    ...Object.fromEntries(fields),
  });
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map(({ path, message }) => ({
    path: `/${path.join('/')}`,
    message,
  }));
  const told = errors.map(({ path, message }) => `${path}: ${message}`).join('; ');
  throw new ProblemError('bad-request', told, { errors });
}

/** Reads it to its end, whatever is in it, so that whoever sends it hears the answer. */
async function readForm(request: FastifyRequest): Promise<Form> {
  const form: Form = { files: [], fields: new Map() };
  let wrong: ProblemError | null = null;
  try {
    for await (const part of request.parts({ limits: { fileSize: SOURCE_BYTES_MAX, files: 2 } })) {
      if (part.type === 'file')
        form.files.push({ filename: part.filename, bytes: await part.toBuffer() });
      wrong ??= faultOf(part, form.fields);
      if (part.type === 'field') form.fields.set(part.fieldname, part.value);
    }
  } catch (error) {
    throw toFormProblem(error);
  }
  if (wrong) throw wrong;
  for (const [name, value] of form.fields) form.fields.set(name, toValue(name, value));
  return form;
}

/** What is wrong with a part, beside what it says; null where nothing is. */
function faultOf(part: Multipart, before: ReadonlyMap<string, unknown>): ProblemError | null {
  const name = safeText(part.fieldname.slice(0, NAME_CHARS_MAX));
  const isFile = part.type === 'file';
  if (!NAMES.includes(name))
    return bad(`There is no field ${name} in this form; it has ${NAMES.join(', ')}.`);
  if (isFile !== (name === 'file'))
    return bad(isFile ? `The field ${name} is no file.` : 'Send the file with a name of its own.');
  if (before.has(name)) return bad(`The field ${name} is there twice.`);
  if (!isFile && part.valueTruncated)
    return new ProblemError('too-large', `The field ${name} is larger than 1 MB.`);
  return null;
}

/** What the parser says of a form that is none, or is too large, in words for whoever sent it. */
function toFormProblem(error: unknown): ProblemError {
  const { code = '', message } = error as FastifyError;
  if (code === 'FST_REQ_FILE_TOO_LARGE')
    return new ProblemError('too-large', 'The file is larger than 2 MB.', { cause: error });
  if (/^FST_(FILES|FIELDS|PARTS)_LIMIT$/.test(code))
    return new ProblemError('too-large', 'There are too many fields in the form.', {
      cause: error,
    });
  return bad(`The form cannot be read, it is cut off or written wrongly: ${message}`, error);
}

function toValue(name: string, value: unknown): unknown {
  if (TEXTS.includes(name) || typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    throw bad(`The field ${name} is not JSON.`);
  }
}

function toText(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new ProblemError('bad-input', 'The file is not UTF-8.', { cause: error });
  }
}

function bad(detail: string, cause?: unknown): ProblemError {
  return new ProblemError('bad-request', detail, { cause });
}
