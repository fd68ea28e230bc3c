// Owns the chat commands: saying, whispering, listening, and the loud voice that only a trusted macro has.

import { z } from 'zod';
import { type Command, defineCommand } from '../../model/command.ts';
import { answerWhisper, findPerson, HEARD_MAX, hear } from './townsfolk.ts';
import { pass, type World } from './world.ts';

const Text = z.string().min(1).max(256).describe('at most 256 characters');

/** The commands, bound to a world. */
export function chatCommands(world: World): Command[] {
  return [players(world), say(world), whisper(world), heard(world), broadcast(world)];
}

function players(world: World): Command {
  return defineCommand({
    name: 'chat.players',
    description: 'List the other players.',
    input: z.object({}),
    output: z.object({ players: z.array(z.object({ name: z.string(), trade: z.string() })) }),
    rate: { perSecond: 10 },
    idempotent: true,
    run() {
      pass(world, 1);
      return { players: world.town.people.map(({ name, trade }) => ({ name, trade })) };
    },
  });
}

function say(world: World): Command {
  return defineCommand({
    name: 'chat.say',
    description: 'Say something aloud; everybody hears it.',
    input: z.object({ text: Text }),
    output: z.object({ heardBy: z.int(), tick: z.int() }),
    rate: { perSecond: 2, burst: 5 },
    onLimit: 'wait',
    run({ text }) {
      hear(world.town, { tick: world.tick, from: 'you', channel: 'say', text });
      pass(world, 1);
      return { heardBy: world.town.people.length, tick: world.tick };
    },
  });
}

function whisper(world: World): Command {
  return defineCommand({
    name: 'chat.whisper',
    description: 'Say something to one player alone, and get the answer.',
    input: z.object({ to: z.string().min(1).max(40).describe("the player's name"), text: Text }),
    output: z.object({ to: z.string(), answer: z.string() }),
    rate: { perSecond: 4, burst: 8 },
    onLimit: 'throw',
    run({ to, text }) {
      const person = findPerson(world.town, to);
      hear(world.town, { tick: world.tick, from: 'you', channel: 'whisper', text });
      const answer = answerWhisper(world.town, person, world.tick);
      pass(world, 1);
      return { to: person.name, answer };
    },
  });
}

function heard(world: World): Command {
  return defineCommand({
    name: 'chat.heard',
    description: 'Read what was said, oldest first, a page at a time.',
    input: z.object({
      after: z.int().min(0).default(0).describe('only lines after the one of this number'),
      limit: z.int().min(1).max(HEARD_MAX).default(20).describe('lines on a page'),
    }),
    output: z.object({
      lines: z.array(
        z.object({
          number: z.int(),
          tick: z.int(),
          from: z.string(),
          channel: z.enum(['say', 'whisper', 'broadcast']),
          text: z.string(),
        }),
      ),
      more: z.boolean().describe('true when there is a next page'),
      next: z.int().describe('give it as `after` for the next page'),
    }),
    rate: { perSecond: 10 },
    idempotent: true,
    run({ after, limit }) {
      pass(world, 1);
      const later = world.town.heard.filter(({ number }) => number > after);
      const lines = later.slice(0, limit).map((line) => ({ ...line }));
      return { lines, more: later.length > lines.length, next: lines.at(-1)?.number ?? after };
    },
  });
}

function broadcast(world: World): Command {
  return defineCommand({
    name: 'chat.broadcast',
    description: 'Say something to the whole server, over everything else.',
    input: z.object({ text: Text }),
    output: z.object({ tick: z.int() }),
    rate: { perSecond: 1 },
    maxPerRun: 3,
    onLimit: 'kill',
    privileged: true,
    run({ text }) {
      hear(world.town, { tick: world.tick, from: 'you', channel: 'broadcast', text });
      pass(world, 1);
      return { tick: world.tick };
    },
  });
}
