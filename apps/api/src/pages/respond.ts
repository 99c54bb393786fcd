import { html } from 'hono/html';
import type { ApiContext } from '../http/env.js';
import { languageOf } from '../http/language.js';

/** Escaped HTML. */
export type Html = ReturnType<typeof html>;

/** Pages have no scripts; their style is `/docs/page.css`. */
const POLICY = "default-src 'none'; style-src 'self'; img-src data:; frame-ancestors 'none'";

/**
 * Responds with a page in the caller's language.
 * @param root relative path to the root of the server, such as `../..`, which may be below a path of a proxy
 */
export async function respondWithPage(
  c: ApiContext,
  page: { title: string; root: string; body: Html },
): Promise<Response> {
  const language = languageOf(c);
  c.header('Content-Security-Policy', POLICY);
  c.header('Content-Language', language);
  const { title, root, body } = page;
  return c.html(
    html`<!doctype html>
<html lang="${language === 'zh' ? 'zh-CN' : 'en'}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${root}/docs/page.css">
<title>${title}</title>
<main>${body}</main>
</html>
`,
  );
}
