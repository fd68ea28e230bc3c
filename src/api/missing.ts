// Owns what is said where no route is: that there is nothing, or which methods there are.

import type { FastifyInstance } from 'fastify';
import { ProblemError } from './problem.ts';

/** Answers what no route does. Registered before any route. */
export function answerMissing(app: FastifyInstance): void {
  const routes: { readonly pattern: RegExp; readonly methods: readonly string[] }[] = [];
  app.addHook('onRoute', ({ url, method }) => {
    // Of the routes that stand for any address, a page's preflight, nothing follows for one.
    if (url.includes('*')) return;
    routes.push({ pattern: toPattern(url), methods: [method].flat() });
  });
  app.setNotFoundHandler(({ method, url }, reply) => {
    const path = url.split('?', 1)[0] ?? url;
    const methods = routes.flatMap((route) => (route.pattern.test(path) ? route.methods : []));
    const allowed = [...new Set(methods)].sort().join(', ');
    if (allowed !== '') {
      reply.header('allow', allowed);
      throw new ProblemError('method-not-allowed', `It takes ${allowed}, and not ${method}.`);
    }
    throw new ProblemError(
      'not-found',
      `There is nothing at ${method} ${url.slice(0, 100)}; /docs lists what there is.`,
    );
  });
}

/** The addresses of a route: `:id` stands for one part of them. Routes are Corral's own, and hold nothing else of regexes. */
function toPattern(route: string): RegExp {
  const parts = route.split('/').map((part) => (part.startsWith(':') ? '[^/]+' : part));
  return new RegExp(`^${parts.join('/').replaceAll('.', '\\.')}/?$`);
}
