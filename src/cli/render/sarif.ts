// Owns findings as SARIF 2.1.0, which code hosts and editors read.

import { createHash } from 'node:crypto';
import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import { RULES } from '../../analysis/rules/rules.ts';
import type { Pattern } from '../../model/pattern.ts';
import type { Finding, FindingFix, RelatedPlace } from '../../model/report.ts';
import { safeText } from '../../model/safe-text.ts';
import { CORRAL_VERSION } from '../../model/version.ts';
import type { Linted, LintResult, Unread } from '../lint/linted.ts';
import { SourceLines } from './source-lines.ts';

const SCHEMA = 'https://json.schemastore.org/sarif-2.1.0.json';
const ROOT = '%SRCROOT%';
/** SARIF wants a whole URI for a rule's page; where the pages are published is not known here. */
const PAGES = 'urn:corral:docs:rules:';
const SARIF_LEVEL = { info: 'note', warning: 'warning', error: 'error' } as const;
/** Findings of these rules are a way through the code, not one place. */
const CIRCLES = /recursion$/;
/** What JavaScript counts as the end of a line, and so do the places. */
const NEWLINES: [string, ...string[]] = ['\r\n', '\n', '\r', '\u2028', '\u2029'];
const EXCERPT_CHARS_MAX = 500;

/** The log of one run. */
export function lintSarif(result: LintResult, patterns: readonly Pattern[]) {
  const rules = [...RULES.map(ruleDescriptor), ...patterns.map(patternDescriptor)];
  const indexOf = new Map(rules.map(({ id }, index) => [id, index]));
  return {
    $schema: SCHEMA,
    version: '2.1.0' as const,
    runs: [
      {
        tool: {
          driver: {
            name: 'corral',
            version: CORRAL_VERSION,
            semanticVersion: CORRAL_VERSION,
            rules,
          },
        },
        columnKind: 'utf16CodeUnits' as const,
        newlineSequences: NEWLINES,
        invocations: [
          {
            executionSuccessful: result.unread.length === 0,
            toolExecutionNotifications: result.unread.map(notification),
          },
        ],
        results: result.linted.flatMap((linted) => resultsOf(linted, indexOf)),
      },
    ],
  };
}

function ruleDescriptor({ id, summary, why, isInfo }: (typeof RULES)[number]) {
  const full = `${summary} ${why}`;
  return {
    id,
    shortDescription: { text: summary },
    fullDescription: { text: full },
    help: {
      text: `${full} See docs/rules/${id}.md.`,
      markdown: `${full}\n\nSee \`docs/rules/${id}.md\`.`,
    },
    helpUri: PAGES + id,
    defaultConfiguration: { level: isInfo ? ('note' as const) : ('warning' as const) },
  };
}

function patternDescriptor({ id, title, effects, recovery }: Pattern) {
  const full = `${title}. ${effects.join('. ')}.`;
  const { advice } = recovery;
  return {
    id: `pattern:${id}`,
    shortDescription: { text: `${title}.` },
    fullDescription: { text: full },
    help: { text: `${full} ${advice}`, markdown: `${full}\n\n${advice}` },
    helpUri: `urn:corral:patterns:${id}`,
    defaultConfiguration: { level: 'warning' as const },
  };
}

function notification({ file, message }: Unread) {
  return {
    level: 'error' as const,
    message: { text: safeText(message) },
    ...(file !== '' && { locations: [{ physicalLocation: { artifactLocation: artifact(file) } }] }),
  };
}

function resultsOf({ source, told, suppressed }: Linted, indexOf: ReadonlyMap<string, number>) {
  const lines = new SourceLines(source.text);
  const seen = new Map<string, number>();
  const all = [
    ...told.map((finding) => ({ finding, reason: undefined })),
    ...suppressed.map(({ finding, disable }) => ({ finding, reason: disable.reason })),
  ];
  return all.map(({ finding, reason }) => {
    const { rule, level, message, advice, fix } = finding;
    const index = indexOf.get(rule);
    return {
      ruleId: rule,
      ...(index !== undefined && { ruleIndex: index }),
      level: SARIF_LEVEL[level],
      message: { text: safeText(advice ? `${message} — ${advice}` : message) },
      locations: [location(source.file, finding, lines)],
      ...relatedOf(source.file, finding, lines),
      partialFingerprints: { 'corralFinding/v1': fingerprint(finding, lines, seen) },
      ...(fix && { fixes: [toFix(source.file, fix)] }),
      suppressions: reason === undefined ? [] : [suppression(reason)],
    };
  });
}

function suppression(reason: string | null) {
  return {
    kind: 'inSource' as const,
    status: 'accepted' as const,
    ...(reason !== null && { justification: safeText(reason) }),
  };
}

/** What stays the same when lines are added above: the rule, its line without blanks, and the how-manieth of those it is. */
function fingerprint(finding: Finding, lines: SourceLines, seen: Map<string, number>): string {
  const text = lines.at(finding.line).slice(0, 10_000).replace(/\s+/g, ' ').trim();
  const key = `${finding.rule}\n${text}`;
  const occurrence = seen.get(key) ?? 0;
  seen.set(key, occurrence + 1);
  return createHash('sha256')
    .update(`${key}\n${occurrence}`.toWellFormed())
    .digest('hex')
    .slice(0, 32);
}

function relatedOf(file: string, finding: Finding, lines: SourceLines) {
  const { related, rule } = finding;
  if (related.length === 0) return {};
  const relatedLocations = related.map((each, index) => ({
    id: index + 1,
    ...location(file, each, lines),
    message: { text: safeText(each.message) },
  }));
  if (!CIRCLES.test(rule)) return { relatedLocations };
  const step = (place: RelatedPlace, index: number) => ({
    executionOrder: index + 1,
    location: { ...location(file, place, lines), message: { text: safeText(place.message) } },
  });
  const back = { ...finding, message: 'and from the beginning again' };
  const others = [...related, back].map((place, index) => step(place, index + 1));
  const locations: [ReturnType<typeof step>, ...typeof others] = [step(finding, 0), ...others];
  return { relatedLocations, codeFlows: [{ threadFlows: oneOf({ locations }) }] };
}

type Place = Omit<RelatedPlace, 'message'>;

function location(file: string, place: Place, lines: SourceLines) {
  const snippet = safeText(lines.at(place.line), { charsMax: EXCERPT_CHARS_MAX, multiline: true });
  return {
    physicalLocation: {
      artifactLocation: artifact(file),
      region: region(place),
      contextRegion: { startLine: place.line, endLine: place.line, snippet: { text: snippet } },
    },
  };
}

function region({ line, column, endLine, endColumn }: Place) {
  return { startLine: line, startColumn: column, endLine, endColumn };
}

function toFix(file: string, fix: FindingFix) {
  return {
    description: { text: safeText(fix.message) },
    artifactChanges: oneOf({
      artifactLocation: artifact(file),
      replacements: oneOf({ deletedRegion: region(fix), insertedContent: { text: fix.text } }),
    }),
  };
}

/** SARIF's types tell lists that may be empty from those that may not. */
function oneOf<Item>(item: Item): [Item] {
  return [item];
}

/** A file's place: a relative one stays relative to wherever the sources are. */
function artifact(file: string) {
  if (isAbsolute(file)) return { uri: pathToFileURL(file.toWellFormed()).href };
  const uri = file
    .toWellFormed()
    .replaceAll('\\', '/')
    .split('/')
    .map(encodeURIComponent)
    .join('/');
  return { uri, uriBaseId: ROOT };
}
