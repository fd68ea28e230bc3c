// Owns the rules about single commands: whether the host has them, takes such arguments, lets the macro give them, and
// whether anybody waits for them.

import type { AnyNode } from 'acorn';
import { distance } from 'fastest-levenshtein';
import type { Command } from '../../model/command.ts';
import { safeText } from '../../model/safe-text.ts';
import { formatCount } from '../../model/units.ts';
import type { Analysed } from '../analysed.ts';
import type { CommandSite } from '../cost/command-sites.ts';
import { ancestorsOf } from '../facts/ancestors.ts';
import { constantOf } from '../facts/constants.ts';
import type { CallNode, Facts, Site } from '../facts/facts.ts';
import { wrongArgumentsOf } from './command-arguments.ts';
import type { Fix, Level, RawFinding, Rule } from './rule.ts';

const SHOWN_CHARS_MAX = 60;
const NAME_CHARS_MAX = 40;
const MISTAKES_MAX = 2;
/** Nodes looked at to find what a command stands in. */
const SEARCH_STEPS = 5_000;

/** The places that give commands of a catalogue that is known; of any other nothing is certain. */
function sitesOf({ commands, catalogue }: Analysed): readonly CommandSite[] {
  return commands && catalogue ? commands.sites : [];
}

/** Scripts of other platforms have names like ours; what gives a known command, or has a header, is meant for this host. */
function levelFor({ header }: Analysed, sites: readonly CommandSite[]): Level {
  return header.present || sites.some(({ command }) => command) ? 'warning' : 'info';
}

const unknownCommand: Rule = {
  id: 'unknown-command',
  summary: 'The host has no such command.',
  why: 'Calling what is not there throws when the macro gets to it, often long after it began.',
  check: (analysed) => {
    const { facts, catalogue } = analysed;
    const sites = sitesOf(analysed);
    if (!facts || !catalogue) return [];
    const level = levelFor(analysed, sites);
    const found = sites.flatMap((site) => unknownFinding(site, catalogue, level));
    return [...found, ...misspelt(facts, catalogue, level)];
  },
};

function unknownFinding(
  { site: { node }, command, name, verb, slash }: CommandSite,
  catalogue: readonly Command[],
  level: Level,
): RawFinding[] {
  if (command || verb in Object.prototype) return [];
  if (name === 'command') {
    const word = /^\s*\/([^\s]+)/.exec(slash ?? '')?.[1];
    if (word === undefined) return [];
    const near = nearest(
      word,
      catalogue.map((each) => each.slash),
    );
    return [finding(node, level, `/${word}`, near && `/${near}`)];
  }
  const near = nearest(
    name,
    catalogue.map((each) => each.name),
  );
  return [finding(node.callee, level, name, near)];
}

/** `caht.say(…)`: the category is no name at all, and one like it has this verb. */
function misspelt(facts: Facts, catalogue: readonly Command[], level: Level): RawFinding[] {
  const names = catalogue.map(({ name }) => name);
  const categories = new Set(catalogue.map(({ category }) => category));
  const verbs = new Set(catalogue.map(({ verb }) => verb));
  return facts.calls.flatMap(({ node: { callee } }) => {
    if (callee.type !== 'MemberExpression' || callee.computed) return [];
    const { property } = callee;
    if (property.type !== 'Identifier' || !verbs.has(property.name)) return [];
    const category = facts.globalName(callee.object);
    if (category === null || categories.has(category) || category in globalThis) return [];
    const near = nearest(`${category}.${property.name}`, names);
    if (!near?.endsWith(`.${property.name}`)) return [];
    return [finding(callee, level, `${category}.${property.name}`, near)];
  });
}

function finding({ start, end }: AnyNode, level: Level, name: string, near: string | null) {
  const shown = safeText(name, { charsMax: SHOWN_CHARS_MAX });
  const hint = near === null ? '`corral commands` lists them' : `did you mean \`${near}\`?`;
  return { level, start, end, message: `there is no command \`${shown}\`; ${hint}` };
}

function nearest(name: string, names: readonly string[]): string | null {
  if (name.length > NAME_CHARS_MAX) return null;
  let best: string | null = null;
  let least = MISTAKES_MAX + 1;
  for (const each of names) {
    const mistakes = distance(name.toLowerCase(), each.toLowerCase());
    if (mistakes < least && mistakes < name.length / 2) [best, least] = [each, mistakes];
  }
  return best;
}

const wrongArguments: Rule = {
  id: 'wrong-arguments',
  summary: 'A command is given what it does not take.',
  why: 'The host refuses what does not fit, and the macro fails in the middle of its work.',
  check: (analysed) => {
    const { facts } = analysed;
    if (!facts) return [];
    return sitesOf(analysed).flatMap((site) => wrongArgumentsOf(site, facts.scopes));
  },
};

const missingGrant: Rule = {
  id: 'missing-grant',
  summary: 'The header does not ask for a command the macro gives.',
  why: 'A macro may give only the commands that its header asks for.',
  check: (analysed) => {
    const told = new Set<string>();
    return sitesOf(analysed).flatMap((site) => {
      const grant = grantMissing(site, analysed);
      if (grant === null || told.has(grant)) return [];
      told.add(grant);
      const { start, end } = site.site.node.callee;
      const message = `\`${site.name}\` is not granted, so calling it throws; write \`@grant ${grant}\` in the header`;
      return [{ level: 'warning', start, end, message } satisfies RawFinding];
    });
  },
};

/** What the header would have to name; null when it does, or need not. */
function grantMissing({ command }: CommandSite, { header }: Analysed): string | null {
  if (!command) return null;
  const { name, category, privileged } = command;
  const { grants } = header;
  if (grants?.includes(category) || grants?.includes(name)) return null;
  if (privileged) return name;
  return grants === null ? null : category;
}

const unawaitedCommand: Rule = {
  id: 'unawaited-command',
  summary: 'Nobody waits for a command.',
  why: 'Commands that nobody waits for pile up, come in any order, and their errors are lost.',
  check: (analysed) => {
    const isInStatic = staticBlocksOf(analysed);
    return sitesOf(analysed).flatMap(({ site, name, command }) =>
      command && site.parent.type === 'ExpressionStatement'
        ? [unawaited(site, name, isInStatic(site.node))]
        : [],
    );
  },
};

const STATIC_BLOCK = /\bstatic\s*\{/;
const STATIC_STEPS = 200_000;

/** Tells what stands in `static { … }`, where nothing can be awaited; and what is too far to tell, for safety. */
function staticBlocksOf({ parsed, program }: Analysed): (node: AnyNode) => boolean {
  // Hardly a macro has one, and none else shall pay for the search.
  if (!program || !STATIC_BLOCK.test(parsed.code)) return () => false;
  const fuel = { steps: STATIC_STEPS };
  return (node) => {
    const around = ancestorsOf(program, node, fuel);
    const within = around.findLast(({ type }) => type === 'StaticBlock' || /Function/.test(type));
    return around.length === 0 || within?.type === 'StaticBlock';
  };
}

function unawaited(
  { node, owner, loop }: Site<CallNode>,
  name: string,
  isInStatic: boolean,
): RawFinding {
  const mayAwait = !isInStatic && (owner.node === null || owner.node.async);
  const { start, end } = node;
  const mend = mayAwait
    ? `write \`await ${name}(…)\``
    : isInStatic
      ? 'move it out of the static block and await it'
      : `make ${safeText(owner.name || 'the function', { charsMax: SHOWN_CHARS_MAX })} async and await it`;
  const what = loop
    ? `each turn gives \`${name}\` without waiting, so all of them pile up`
    : `nobody waits for \`${name}\`: what comes next does not know whether it worked`;
  const level = loop && mayAwait ? 'warning' : 'info';
  const finding: RawFinding = { level, start, end, message: `${what}; ${mend}` };
  // It stands by itself, so that nothing reads its promise: waiting for it changes nothing else.
  const fix = { message: 'wait for it', start, end: start, text: 'await ', safe: true };
  return mayAwait ? { ...finding, fix } : finding;
}

const commandRate: Rule = {
  id: 'command-rate',
  summary: 'A command is given faster, or more often, than the host lets it pass.',
  why: 'Above its limit a command waits, throws or ends the run, and the macro behaves other than it reads.',
  check: (analysed) => {
    const { cost } = analysed;
    const byName = Map.groupBy(sitesOf(analysed), ({ name }) => name);
    return [...byName].flatMap(([name, sites]) => {
      const command = sites[0]?.command;
      const { site } = sites.find((each) => each.site.loop) ?? (sites[0] as CommandSite);
      if (!command?.rate || !cost || command.onLimit === 'kill') return [];
      const most = cost.freelyInWindow((use) => use.name === name, 1000);
      const { burst, perSecond } = command.rate;
      if (most === null || most <= burst + perSecond) return [];
      const surely = cost.freelyInWindow((use) => use.name === name && use.isSteady, 1);
      const isBurst = site.parent.type !== 'AwaitExpression' && (surely ?? 0) >= BURST;
      if (isBurst) return [burstFinding(site.node, name, most)];
      return [rateFinding(site, command, most, analysed.program)];
    });
  },
};

/** ``up to 5,000 × `chat.say` ``. */
function timesText(most: number, name: string): string {
  if (!Number.isFinite(most)) return `any number of \`${name}\``;
  return `up to ${formatCount(most)} × \`${name}\``;
}

/** So many commands at once are no oversight that does no harm. */
const BURST = 100;

function burstFinding({ start, end }: AnyNode, name: string, most: number): RawFinding {
  return {
    level: 'warning',
    start,
    end,
    message: `${timesText(most, name)} at once: none waits for the one before`,
    advice: `Give them one after the other: \`for (const each of list) await ${name}(…)\`.`,
  };
}

function rateFinding(
  site: Site<CallNode>,
  command: Command,
  most: number,
  program: AnyNode | null,
): RawFinding {
  const { start, end } = site.node;
  const { name, onLimit } = command;
  const { perSecond, burst } = command.rate as NonNullable<Command['rate']>;
  const pauseMs = Math.ceil(1000 / perSecond);
  const isThrown = onLimit === 'throw';
  const end_ = isThrown
    ? `what is beyond it throws: put \`await sleep(${pauseMs})\` after each`
    : 'the host makes the macro wait';
  const message = `${timesText(most, name)} within a second; the limit is ${burst} at once and ${perSecond} per second, and ${end_}`;
  const finding: RawFinding = { level: isThrown ? 'warning' : 'info', start, end, message };
  const fix = program && sleepAfter(site, pauseMs, program);
  return fix ? { ...finding, fix } : finding;
}

/** A pause behind the statement of an awaited command; it makes the macro slower, so that its author must want it. */
function sleepAfter(
  { node, parent, owner, loop }: Site<CallNode>,
  pauseMs: number,
  program: AnyNode,
): Fix | null {
  const mayAwait = owner.node === null || owner.node.async;
  if (!loop || !mayAwait || parent.type !== 'AwaitExpression') return null;
  const around = ancestorsOf(program, node, { steps: SEARCH_STEPS });
  const statement = around.findLast(
    ({ type }) => type === 'ExpressionStatement' || type === 'VariableDeclaration',
  );
  const block = statement && around[around.indexOf(statement) - 1];
  if (!statement || block?.type !== 'BlockStatement') return null;
  const text = ` await sleep(${pauseMs});`;
  const { end } = statement;
  return { message: `put \`${text.trim()}\` behind it`, start: end, end, text, safe: false };
}

const unreachableSleep: Rule = {
  id: 'unreachable-sleep',
  summary: 'A sleep is never come by.',
  why: 'A sleep that is never come by slows nothing down, though it looks as if it did.',
  check: ({ facts, loops }) => {
    if (!facts || facts.callsOf('sleep').length === 0) return [];
    const endless = new Set<AnyNode>(
      loops.filter(({ end }) => end.verdict === 'infinite').map(({ fact }) => fact.node),
    );
    const isEnd = (node: AnyNode) => ENDS.has(node.type) || endless.has(node);
    const dead = [...facts.functions, ...facts.loops].flatMap((fact) => {
      const body: AnyNode = 'body' in fact ? fact.body : fact.node.body;
      const statements = 'body' in body && Array.isArray(body.body) ? body.body : [];
      const from = statements.find((each) => isEnd(each as AnyNode));
      return from
        ? [{ start: from.end, end: body.end, owner: 'body' in fact ? fact : fact.owner }]
        : [];
    });
    return dead.flatMap(({ start, end, owner }) => {
      const site = owner.calls.find(
        ({ node }) =>
          node.start >= start && node.end <= end && facts.globalName(node.callee) === 'sleep',
      );
      return site ? [sleepFinding(site.node, facts)] : [];
    });
  },
};

const ENDS: ReadonlySet<string> = new Set([
  'ReturnStatement',
  'ThrowStatement',
  'ContinueStatement',
  'BreakStatement',
]);

function sleepFinding(node: CallNode, { scopes }: Facts): RawFinding {
  const ms = node.arguments[0] && constantOf(node.arguments[0] as AnyNode, scopes)?.value;
  const length = typeof ms === 'number' ? ` of ${ms} ms` : '';
  const { start, end } = node;
  const message = `this sleep${length} is never come by: what stands before it does not go on; put it in front of that`;
  return { level: 'warning', start, end, message };
}

/** The rules of this file. */
export const COMMAND_RULES: readonly Rule[] = [
  unknownCommand,
  wrongArguments,
  missingGrant,
  unawaitedCommand,
  commandRate,
  unreachableSleep,
];
