// Owns turning a JSON Schema (as zod writes it) into the text of a TypeScript type; what it does not know is `unknown`.

/** The part of JSON Schema that zod writes. `x-type` carries a TypeScript type that JSON cannot say. */
interface Schema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly items?: Schema | boolean;
  readonly prefixItems?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly 'x-type'?: string;
}

/** Deeper than this a type is `unknown`: nobody reads it, and a schema may be hostile. */
const DEPTH_MAX = 12;

const SCALARS: Partial<Record<string, string>> = {
  string: 'string',
  number: 'number',
  integer: 'number',
  boolean: 'boolean',
  null: 'null',
};

/**
 * Writes a type, e.g. `{ target: string; count?: number }`.
 * @param schema what `z.toJSONSchema` gave
 */
export function toTypeText(schema: object): string {
  return typeText(schema as Schema, 0);
}

function typeText(schema: Schema, depth: number): string {
  if (depth > DEPTH_MAX) return 'unknown';
  if (schema['x-type'] !== undefined) return schema['x-type'];
  if (schema.const !== undefined) return literal(schema.const);
  if (schema.enum) return union(schema.enum.map(literal));
  const options = schema.anyOf ?? schema.oneOf;
  if (options) return union(options.map((option) => typeText(option, depth + 1)));
  if (schema.allOf)
    return schema.allOf.map((part) => grouped(typeText(part, depth + 1))).join(' & ');
  if (Array.isArray(schema.type)) {
    return union(schema.type.map((type: string) => typeText({ ...schema, type }, depth + 1)));
  }
  const type = schema.type as string | undefined;
  if (type === 'array') return arrayText(schema, depth);
  if (type === 'object') return objectText(schema, depth);
  return SCALARS[type ?? ''] ?? 'unknown';
}

function arrayText(schema: Schema, depth: number): string {
  const rest = typeof schema.items === 'object' ? typeText(schema.items, depth + 1) : null;
  if (schema.prefixItems) {
    const items = schema.prefixItems.map((item) => typeText(item, depth + 1));
    return `[${[...items, ...(rest === null ? [] : [`...${grouped(rest)}[]`])].join(', ')}]`;
  }
  return `${grouped(rest ?? 'unknown')}[]`;
}

function objectText(schema: Schema, depth: number): string {
  const required = new Set(schema.required);
  const members = Object.entries(schema.properties ?? {}).map(([key, value]) => {
    const doc = value.description === undefined ? '' : `/** ${oneLine(value.description)} */ `;
    return `${doc}${propertyName(key)}${required.has(key) ? '' : '?'}: ${typeText(value, depth + 1)}`;
  });
  const extra = schema.additionalProperties;
  if (typeof extra === 'object') {
    const text = Object.keys(extra).length === 0 ? 'unknown' : typeText(extra, depth + 1);
    // Beside named members an index must be as wide as all of them.
    members.push(`[key: string]: ${members.length === 0 ? text : 'unknown'}`);
  }
  return members.length === 0 ? 'Record<string, never>' : `{ ${members.join('; ')} }`;
}

function union(types: readonly string[]): string {
  return types.length === 0 ? 'never' : [...new Set(types)].join(' | ');
}

/** Brackets around what binds more loosely than `[]` and `&`. */
function grouped(type: string): string {
  return /[|&\s]/.test(type) && !/^\{[^{}]*\}$/.test(type) ? `(${type})` : type;
}

function literal(value: unknown): string {
  return JSON.stringify(value) ?? 'unknown';
}

function propertyName(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key);
}

function oneLine(text: string): string {
  return text.replaceAll('*/', '*\\/').replace(/\s+/g, ' ').trim();
}
