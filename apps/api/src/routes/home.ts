import type { OpenAPIHono } from '@hono/zod-openapi';
import { html } from 'hono/html';
import type { ApiEnv } from '../http/env.js';
import { languageOf } from '../http/language.js';
import { prefersHtml } from '../http/prefers-html.js';
import { say } from '../messages/pages.js';
import { respondWithPage } from '../pages/respond.js';

/** Relative, since the server may be below a path of a proxy. */
const LINKS = { docs: 'docs', openapi: 'openapi.json', errors: 'v1/errors', readyz: 'readyz' } as const;

/** `/` names the entry points, to programs, and to browsers where the console is not built. */
export function homeRoute(app: OpenAPIHono<ApiEnv>): void {
  app.get('/', async (c) => {
    c.header('Vary', 'Accept, Accept-Language');
    if (!prefersHtml(c)) return c.json({ name: 'Pixdock', links: LINKS });
    const language = languageOf(c);
    const items = Object.entries(LINKS).map(
      ([name, href]) =>
        html`<li><a href="${href}">${say(language, `home.${name as keyof typeof LINKS}`)}</a></li>`,
    );
    const body = html`<h1>Pixdock</h1><p>${say(language, 'home.lead')}</p><ul>${items}</ul>`;
    return respondWithPage(c, { title: 'Pixdock', root: '.', body });
  });
}
