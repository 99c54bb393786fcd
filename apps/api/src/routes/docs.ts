import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Language } from '@pixdock/contract/messages/text';
import type { ApiEnv } from '../http/env.js';
import { languageOf } from '../http/language.js';

/** Swagger UI needs no more than this, also when it sends a request (measured in Chromium). */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'";
const CACHE = 'public, max-age=3600';

// Relative paths, since the server may be below a path of a proxy.
const page = (language: Language) => `<!doctype html>
<html lang="${language === 'zh' ? 'zh-CN' : 'en'}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="docs/favicon.png">
<link rel="stylesheet" href="docs/swagger-ui.css">
<title>Pixdock API</title>
<div id="swagger-ui"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</html>
`;

// By default, Swagger UI sends the address of the document to validator.swagger.io.
const START = `window.ui = SwaggerUIBundle({
  url: 'openapi.json',
  dom_id: '#swagger-ui',
  deepLinking: true,
  validatorUrl: 'none',
});
`;

/** The style of the pages beside `/docs`. */
const PAGE_STYLE = `:root { color-scheme: light dark; }
body { font: 1rem/1.6 system-ui, "PingFang SC", "Microsoft YaHei", sans-serif; margin: 2rem 1rem; }
main { max-width: 62rem; margin: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: start; vertical-align: top; padding: 0.4rem 1rem 0.4rem 0; border-bottom: 1px solid #8885; }
tbody th { font-weight: normal; white-space: nowrap; }
code { font: 0.95em ui-monospace, monospace; }
`;

const OWN_FILES = {
  'start.js': { type: 'text/javascript; charset=utf-8', text: START },
  'page.css': { type: 'text/css; charset=utf-8', text: PAGE_STYLE },
};

/** Serves the API reference. All of its files come from this server, so that it works offline. */
export function docsRoutes(app: OpenAPIHono<ApiEnv>): void {
  app.get('/docs', (c) => {
    c.header('Content-Security-Policy', POLICY);
    c.header('Vary', 'Accept-Language', { append: true });
    // The browser asks for the document in the same language.
    return c.html(page(languageOf(c)));
  });
  for (const [name, { type, text }] of Object.entries(OWN_FILES))
    app.get(`/docs/${name}`, (c) => c.body(text, 200, { 'Content-Type': type, 'Cache-Control': CACHE }));
  for (const [name, { type, path }] of Object.entries(packageFiles())) {
    // Read once: a file has up to 1.7 MB.
    let reading: Promise<Buffer<ArrayBuffer>> | null = null;
    app.get(`/docs/${name}`, async (c) => {
      reading ??= readFile(path);
      return c.body(await reading, 200, { 'Content-Type': type, 'Cache-Control': CACHE });
    });
  }
}

function packageFiles() {
  const require = createRequire(import.meta.url);
  return {
    'swagger-ui.css': {
      type: 'text/css; charset=utf-8',
      path: require.resolve('swagger-ui-dist/swagger-ui.css'),
    },
    'swagger-ui-bundle.js': {
      type: 'text/javascript; charset=utf-8',
      path: require.resolve('swagger-ui-dist/swagger-ui-bundle.js'),
    },
    'favicon.png': { type: 'image/png', path: require.resolve('swagger-ui-dist/favicon-32x32.png') },
  };
}
