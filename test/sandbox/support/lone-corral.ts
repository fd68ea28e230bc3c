// Owns a corral for one test file, with a host that gives back what it is given, and a short way to a macro's value.

import { z } from 'zod';
import {
  type CorralOptions,
  createCorral,
  type RunEvent,
  type RunOptions,
} from '../../../src/corral.ts';
import { defineCommand } from '../../../src/model/command.ts';
import type { EndEvent } from '../../../src/model/events.ts';
import { decodeValue, RESULT_BOUNDS } from '../../../src/model/value.ts';

/** How a run went. */
export interface Told {
  readonly end: EndEvent;
  /** The result as the trusted side reads it; undefined where there is none. */
  readonly value: unknown;
  readonly logs: readonly string[];
  readonly events: readonly RunEvent[];
}

/** A corral of its own for a test file. */
export interface LoneCorral {
  readonly corral: ReturnType<typeof createCorral>;
  /** What the host was handed by `echo.back`, in order. */
  readonly seen: unknown[];
  /** Runs a macro to its end, whatever lint says. */
  run(source: string, options?: RunOptions): Promise<Told>;
  /** The value of a macro that must complete. */
  valueOf(source: string, options?: RunOptions): Promise<unknown>;
}

const ANSWER_MS = 40;

/** Creates one; close its `corral` after the tests. */
export function loneCorral(options: CorralOptions = {}): LoneCorral {
  const seen: unknown[] = [];
  const value = z.unknown();
  const commands = [
    defineCommand({
      name: 'echo.back',
      description: 'Gives back what it is given.',
      input: z.object({ value }),
      output: value,
      run: (input) => {
        seen.push(input.value);
        return input.value;
      },
    }),
    defineCommand({
      name: 'echo.later',
      description: 'Answers after a while.',
      input: z.object({ text: z.string().default('') }),
      output: z.string(),
      run: async ({ text }) => {
        await new Promise((resolve) => setTimeout(resolve, ANSWER_MS));
        seen.push(text);
        return text;
      },
    }),
    defineCommand({
      name: 'echo.fail',
      description: 'Fails.',
      input: z.object({}),
      output: value,
      run: () => {
        throw new Error('the host said no');
      },
    }),
  ];
  const corral = createCorral({ dump: 'never', commands, patterns: false, ...options });

  async function run(source: string, runOptions: RunOptions = {}): Promise<Told> {
    const started = corral.start(source, { lint: false, ...runOptions });
    const events: RunEvent[] = [];
    for await (const event of started.events()) events.push(event);
    const end = events.at(-1) as EndEvent;
    return {
      end,
      value:
        end.status === 'completed'
          ? decodeValue(JSON.stringify(end.value), RESULT_BOUNDS)
          : undefined,
      logs: events.filter((event) => event.type === 'log').map((event) => event.text),
      events,
    };
  }
  return {
    corral,
    seen,
    run,
    async valueOf(source, runOptions) {
      const told = await run(source, runOptions);
      if (told.end.status !== 'completed')
        throw new Error(`${told.end.reason}: ${told.end.message} ${told.end.error?.message ?? ''}`);
      return told.value;
    },
  };
}
