// Owns how the API is documented: OpenAPI made from the schemas the routes are checked by, and the same as a page to read.

import type { FastifyInstance } from 'fastify';
import { escapeHtml, htmlPage, STYLE } from './html.ts';
import { PROBLEMS } from './problem.ts';
import type { Resource } from './resource.ts';

/** The parts of an OpenAPI document that the page shows. */
interface Operation {
  readonly summary?: string;
  readonly description?: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly description?: string;
  }[];
  readonly security?: readonly { readonly key: readonly string[] }[];
  readonly requestBody?: { readonly content?: Readonly<Record<string, { schema?: unknown }>> };
}

/** The routes of the documentation. */
export const docsRoutes: Resource = async (app) => {
  const hidden = { config: { scope: 'public' }, schema: { hide: true } } as const;
  let page: string | null = null;
  app.route({
    method: 'GET',
    url: '/style.css',
    ...hidden,
    handler: async (_request, reply) => reply.type('text/css; charset=utf-8').send(STYLE),
  });
  app.route({
    method: 'GET',
    url: '/openapi.json',
    ...hidden,
    handler: async (_request, reply) =>
      reply.type('application/json; charset=utf-8').send(JSON.stringify(app.swagger())),
  });
  app.route({
    method: 'GET',
    url: '/docs',
    ...hidden,
    handler: async (_request, reply) => {
      page ??= docsPage(app);
      return reply.type('text/html; charset=utf-8').send(page);
    },
  });
};

function docsPage(app: FastifyInstance): string {
  const paths = Object.entries(app.swagger().paths ?? {}) as [string, Record<string, Operation>][];
  const routes = paths.flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      ...{ method: method.toUpperCase(), path, operation },
      id: escapeHtml(`${method}${path.replace(/[^\w-]+/g, '-')}`),
    })),
  );
  const contents = routes.map(
    ({ id, method, path, operation }) =>
      `<tr><td><a href="#${id}"><code>${method} ${escapeHtml(path)}</code></a></td><td>${escapeHtml(operation.summary ?? '')}</td></tr>`,
  );
  const problems = Object.entries(PROBLEMS).map(
    ([code, [status, title]]) =>
      `<tr id="${code}"><td><code>${code}</code></td><td>${status}</td><td>${escapeHtml(title)}</td></tr>`,
  );
  return htmlPage(
    'Corral: the API',
    `<h1>The API</h1>
<p>The same for programs: <a href="/openapi.json">OpenAPI 3.1</a>. Where keys are needed, send
<code>Authorization: Bearer corral_…</code>. What goes wrong: <a href="#problems">problems</a>.</p>
<table>${contents.join('')}</table>
${routes.map(routeHtml).join('\n')}
<h2 id="problems">Problems</h2>
<p>What goes wrong is told as <code>application/problem+json</code> (RFC 9457), with one of these as its
<code>code</code>.</p>
<table><tr><th>code</th><th>status</th><th>means</th></tr>${problems.join('')}</table>`,
  );
}

interface Route {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

function routeHtml({ id, method, path, operation }: Route): string {
  const { summary = '', description = '', parameters = [], security, requestBody } = operation;
  const scope = security?.[0]?.key[0];
  const rows = parameters.map(
    (each) =>
      `<tr><td><code>${escapeHtml(each.name)}</code></td><td>${each.in}${each.required ? ', required' : ''}</td><td>${escapeHtml(each.description ?? '')}</td></tr>`,
  );
  const body = requestBody?.content?.['application/json']?.schema;
  return `<h2 id="${id}"><code>${method} ${escapeHtml(path)}</code></h2>
<p>${escapeHtml(summary)}${description ? `. ${escapeHtml(description)}` : ''}${scope ? ` (scope <code>${scope}</code>)` : ''}</p>
${rows.length > 0 ? `<table>${rows.join('')}</table>` : ''}
${body ? `<details><summary>body</summary><pre>${htmlOf(JSON.stringify(body, null, 2))}</pre></details>` : ''}`;
}

/** JSON of Corral's own, whole and with its line breaks. */
function htmlOf(json: string): string {
  return json.split('\n').map(escapeHtml).join('\n');
}
