// Owns the page at `/`: what the server is at, in plain HTML without a script, for whoever opens its address in a browser.

import { toFeedLine } from '../model/feed-line.ts';
import type { Service } from '../service/service.ts';
import { type Caller, may, ownerSeen } from './access.ts';
import { escapeHtml, htmlPage } from './html.ts';
import type { Resource } from './resource.ts';

const RUNS_SHOWN = 15;
const EVENTS_SHOWN = 15;

/** The route of the page. */
export const homeRoutes: Resource = async (app, { service }) => {
  app.route({
    method: 'GET',
    url: '/',
    config: { scope: 'public' },
    schema: { hide: true },
    handler: async ({ caller }, reply) => {
      await service.history.writes.settled();
      // Whoever may not read is told no more than where the documentation is.
      const state = may(caller, 'read') ? stateHtml(service, caller) : '';
      return reply
        .type('text/html; charset=utf-8')
        .send(htmlPage('Corral', `<h1>Corral</h1>${LINKS}${state}`));
    },
  });
};

const LINKS = `<p><a href="/docs">the API</a> · <a href="/openapi.json">OpenAPI</a> · <a href="/readyz">ready?</a></p>`;

function stateHtml({ corral, history }: Service, caller: Caller): string {
  const owner = ownerSeen(caller) ?? undefined;
  const { active, activeMax, queued } = corral.load;
  const stopped = corral.emergencyState;
  const runs = history.runs.list({ owner, limit: RUNS_SHOWN });
  const events = history.events.list({ owner, limit: EVENTS_SHOWN }).reverse();
  return `
<p>Guard level <b>${corral.level}</b>; ${active} of ${activeMax} runs active, ${queued} waiting; ${corral.workerPids.length} workers.</p>
${stopped ? `<p><b>Stopped</b> by ${escapeHtml(stopped.by)}: ${escapeHtml(stopped.why)}</p>` : ''}
<h2>Latest runs</h2>
${table(
  ['run', 'macro', 'owner', 'status', 'why', 'submitted (UTC)'],
  runs.map(({ id, macro, owner: whose, status, reason, dump, submittedAt }) => [
    `<a href="/api/runs/${escapeHtml(id)}">${escapeHtml(id)}</a>`,
    escapeHtml(macro),
    escapeHtml(whose),
    status,
    dump === null
      ? escapeHtml(reason ?? '')
      : `<a href="/api/dumps/${escapeHtml(id)}?file=summary">${escapeHtml(reason ?? '')}</a>`,
    toTime(submittedAt),
  ]),
)}
<h2>Latest events</h2>
${table(
  ['time (UTC)', 'what'],
  events.map((event) => [toTime(event.time), escapeHtml(toFeedLine(event).text)]),
)}`;
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '<p>none yet</p>';
  const body = rows.map((cells) => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`);
  return `<table><tr>${heads.map((head) => `<th>${head}</th>`).join('')}</tr>${body.join('')}</table>`;
}

function toTime(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
}
