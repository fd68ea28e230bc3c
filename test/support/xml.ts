// Owns reading XML as strictly as the standard asks, as far as reports go: elements, attributes, text, the five entities.

import assert from 'node:assert/strict';

/** One element. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** What it says itself, without its children. */
  readonly text: string;
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const NO_CHAR = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;
const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';
const TOKEN = /<(?<end>\/)?(?<name>[A-Za-z_][\w.-]*)(?<rest>[^<>]*?)(?<empty>\/)?>|(?<text>[^<]+)/y;
const ATTRIBUTE = /\s+(?<name>[A-Za-z_][\w.-]*)="(?<value>[^"<]*)"/y;

/** The document's one element; throws where the text is no XML. */
export function readXml(document: string): XmlElement {
  assert.doesNotMatch(document, NO_CHAR, 'a character that XML has not');
  assert.ok(document.startsWith(DECLARATION), 'a declaration');
  const root = { name: '', attributes: {}, children: [] as XmlElement[], text: '' };
  const open = [root];
  for (const { groups = {} } of matchesOf(TOKEN, document.slice(DECLARATION.length))) {
    const around = open.at(-1) ?? assert.fail('something behind the last element');
    const { name = '', rest = '', text } = groups;
    if (text !== undefined) around.text += decoded(text);
    else if (groups.end) assert.equal(open.pop()?.name, name, 'an end tag that fits');
    else {
      const element = { name, attributes: attributesOf(rest), children: [], text: '' };
      around.children.push(element);
      if (!groups.empty) open.push(element);
    }
  }
  assert.equal(open.length, 1, `<${open.at(-1)?.name}> is closed`);
  const [only, ...others] = root.children;
  assert.ok(only && others.length === 0 && root.text.trim() === '', 'one element is the root');
  return only;
}

/** The elements of a name, wherever they are. */
export function elementsOf(element: XmlElement, name: string): XmlElement[] {
  return element.children.flatMap((child) => [
    ...(child.name === name ? [child] : []),
    ...elementsOf(child, name),
  ]);
}

function attributesOf(text: string): Record<string, string> {
  const found = matchesOf(ATTRIBUTE, text.trimEnd()).map(({ groups = {} }) => [
    groups.name,
    decoded(groups.value ?? ''),
  ]);
  const attributes = Object.fromEntries(found);
  assert.equal(Object.keys(attributes).length, found.length, 'no attribute twice');
  return attributes;
}

/** The whole text as matches one behind the other. */
function matchesOf(pattern: RegExp, text: string): RegExpExecArray[] {
  const matches: RegExpExecArray[] = [];
  for (let at = 0; at < text.length; ) {
    pattern.lastIndex = at;
    const match = pattern.exec(text) ?? assert.fail(`no XML: ${text.slice(at, at + 60)}`);
    matches.push(match);
    at += match[0].length;
  }
  return matches;
}

function decoded(text: string): string {
  assert.doesNotMatch(text, /]]>/, 'no end of a CDATA section in text');
  return text.replace(/&(\w*);?/g, (whole, name) => {
    assert.ok(whole.endsWith(';') && name in ENTITIES, `an entity, not ${whole}`);
    return ENTITIES[name] ?? '';
  });
}
