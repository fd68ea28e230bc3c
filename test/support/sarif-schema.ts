// Owns what SARIF 2.1.0 asks of a log: required properties, closed sets, 1-based places. It has the objects Corral writes
// and of each the properties Corral writes; the standard knows more, so a new property of ours must be added here first.

import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

type Schema = Readonly<Record<string, unknown>>;

const to = (name: string) => ({ $ref: `#/definitions/${name}` });
const any = { type: 'string' } as const;
const fromOne = { type: 'integer', minimum: 1 } as const;
/** An index or a number of the standard's that may be −1 for none. */
const orNone = { type: 'integer', minimum: -1 } as const;
const level = { enum: ['none', 'note', 'warning', 'error'] } as const;
const uri = { type: 'string', format: 'uri' } as const;

/** An object that has these properties and no others. */
function object(properties: Schema, required: readonly string[] = [], more: Schema = {}): Schema {
  return { type: 'object', properties, required, additionalProperties: false, ...more };
}

function list(items: Schema, more: Schema = {}): Schema {
  return { type: 'array', items, ...more };
}

const definitions: Record<string, Schema> = {
  run: object(
    {
      tool: object({ driver: to('toolComponent') }, ['driver']),
      columnKind: { enum: ['utf16CodeUnits', 'unicodeCodePoints'] },
      newlineSequences: list(any, { minItems: 1, uniqueItems: true }),
      invocations: list(to('invocation')),
      results: list(to('result')),
    },
    ['tool'],
  ),
  toolComponent: object(
    {
      name: any,
      version: any,
      semanticVersion: any,
      rules: list(to('reportingDescriptor'), { uniqueItems: true }),
    },
    ['name'],
  ),
  reportingDescriptor: object(
    {
      id: any,
      shortDescription: to('multiformatMessageString'),
      fullDescription: to('multiformatMessageString'),
      help: to('multiformatMessageString'),
      helpUri: uri,
      defaultConfiguration: object({ level }),
    },
    ['id'],
  ),
  multiformatMessageString: object({ text: any, markdown: any }, ['text']),
  invocation: object(
    {
      executionSuccessful: { type: 'boolean' },
      toolExecutionNotifications: list(to('notification')),
    },
    ['executionSuccessful'],
  ),
  notification: object(
    { level, message: to('message'), locations: list(to('location'), { uniqueItems: true }) },
    ['message'],
  ),
  result: object(
    {
      ruleId: any,
      ruleIndex: orNone,
      level,
      message: to('message'),
      locations: list(to('location')),
      relatedLocations: list(to('location'), { uniqueItems: true }),
      codeFlows: list(
        object({ threadFlows: list(to('threadFlow'), { minItems: 1 }) }, ['threadFlows']),
      ),
      partialFingerprints: { type: 'object', additionalProperties: any },
      fixes: list(to('fix'), { uniqueItems: true }),
      suppressions: list(to('suppression'), { uniqueItems: true }),
    },
    ['message'],
  ),
  message: object({ text: any }, ['text']),
  location: object({
    id: orNone,
    physicalLocation: to('physicalLocation'),
    message: to('message'),
  }),
  physicalLocation: object(
    { artifactLocation: to('artifactLocation'), region: to('region'), contextRegion: to('region') },
    ['artifactLocation'],
  ),
  artifactLocation: object({ uri: { type: 'string', format: 'uri-reference' }, uriBaseId: any }),
  region: object({
    startLine: fromOne,
    startColumn: fromOne,
    endLine: fromOne,
    endColumn: fromOne,
    snippet: to('artifactContent'),
  }),
  artifactContent: object({ text: any }),
  threadFlow: object({ locations: list(to('threadFlowLocation'), { minItems: 1 }) }, ['locations']),
  threadFlowLocation: object({ location: to('location'), executionOrder: orNone }),
  suppression: object(
    {
      kind: { enum: ['inSource', 'external'] },
      status: { enum: ['accepted', 'underReview', 'rejected'] },
      justification: any,
    },
    ['kind'],
  ),
  fix: object(
    {
      description: to('message'),
      artifactChanges: list(to('artifactChange'), { minItems: 1, uniqueItems: true }),
    },
    ['artifactChanges'],
  ),
  artifactChange: object(
    {
      artifactLocation: to('artifactLocation'),
      replacements: list(
        object({ deletedRegion: to('region'), insertedContent: to('artifactContent') }, [
          'deletedRegion',
        ]),
        { minItems: 1 },
      ),
    },
    ['artifactLocation', 'replacements'],
  ),
};

/** The schema, compact. */
export const SARIF_SCHEMA: Schema = {
  ...object({ $schema: uri, version: { const: '2.1.0' }, runs: list(to('run')) }, [
    'version',
    'runs',
  ]),
  definitions,
};

const ajv = new Ajv2020({ allErrors: true });
addFormats.default(ajv);
const validate = ajv.compile(SARIF_SCHEMA);

/** What is wrong with a log, a line each; none for a good one. */
export function sarifProblems(log: unknown): string[] {
  if (validate(log)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}
