import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const E2E = fileURLToPath(new URL('../..', import.meta.url));

const PRINT_WITHIN_MS = 120_000;

export interface Pages {
  origin: string;
  /** Serves a page for each browser recipe, which gets the photo, or other bytes, as its file. */
  serve(recipes: ReadonlyMap<string, string>, bytes?: Buffer): Promise<void>;
  /** Resolves to the first line that the recipe prints. @throws when it prints nothing in time */
  printed(name: string): Promise<string>;
}

/** A web server with the example photo at `/photo.jpg`, and a page at `/` that runs every recipe in a frame. */
export async function startPages(photo: string): Promise<Pages & AsyncDisposable> {
  const files = new Map<string, [type: string, body: string | Buffer]>([
    ['/photo.jpg', ['image/jpeg', readFileSync(photo)]],
  ]);
  const lines = new Map<string, PromiseWithResolvers<string>>();
  const server = createServer((request, response) => void respond(request, response, files, lines));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async serve(recipes, bytes = readFileSync(photo)) {
      files.set('/photo.jpg', ['image/jpeg', bytes]);
      for (const [path, code] of await bundle(recipes)) files.set(path, ['text/javascript', code]);
      const names = [...recipes.keys()];
      for (const name of names) lines.set(name, Promise.withResolvers());
      for (const name of names) files.set(`/${name}.html`, ['text/html', framePage(name)]);
      files.set('/', ['text/html', names.map((name) => `<iframe src="/${name}.html"></iframe>`).join('\n')]);
    },
    printed: (name) =>
      Promise.race([
        lines.get(name)?.promise ?? '',
        sleep(PRINT_WITHIN_MS, '', { ref: false }).then(() => {
          throw new Error(`the recipe for ${name} printed nothing`);
        }),
      ]),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  files: ReadonlyMap<string, [type: string, body: string | Buffer]>,
  lines: ReadonlyMap<string, PromiseWithResolvers<string>>,
): Promise<void> {
  const path = request.url ?? '';
  if (request.method === 'POST') {
    lines.get(path.slice('/printed/'.length))?.resolve(await text(request));
    response.end();
    return;
  }
  const [type, body] = files.get(path) ?? ['text/plain', ''];
  response.writeHead(files.has(path) ? 200 : 404, { 'Content-Type': type });
  response.end(body);
}

/** Bundles the recipes as a user's own build would. @returns code by path */
async function bundle(recipes: ReadonlyMap<string, string>): Promise<[path: string, code: string][]> {
  const result = await build({
    root: E2E,
    configFile: false,
    logLevel: 'error',
    plugins: [
      {
        name: 'recipes',
        enforce: 'pre',
        resolveId: (id) => (id.startsWith('recipe:') ? `\0${id}` : undefined),
        load: (id) => recipes.get(id.slice('\0recipe:'.length)),
      },
    ],
    build: {
      write: false,
      minify: false,
      modulePreload: false,
      rolldownOptions: {
        input: Object.fromEntries([...recipes.keys()].map((name) => [name, `recipe:${name}`])),
        output: { entryFileNames: '[name].js', chunkFileNames: 'chunks/[hash].js' },
        preserveEntrySignatures: 'strict',
      },
    },
  });
  const outputs = 'output' in result ? result.output : [];
  return outputs.flatMap((output) =>
    output.type === 'chunk' ? [[`/${output.fileName}`, output.code] as [string, string]] : [],
  );
}

/** Runs a recipe, chooses the photo as a user would, and reports what the recipe prints. */
const framePage = (name: string) => `<!doctype html>
<input type="file" id="photo">
<script>
  const report = (line) => fetch('/printed/${name}', { method: 'POST', body: String(line) });
  console.log = report;
  console.error = report;
  addEventListener('error', ({ message }) => report(message));
  addEventListener('unhandledrejection', ({ reason }) => report(reason));
</script>
<script type="module">
  await import('/${name}.js');
  const photo = await (await fetch('/photo.jpg')).blob();
  const chosen = new DataTransfer();
  chosen.items.add(new File([photo], 'photo.jpg', { type: 'image/jpeg' }));
  // FilePond replaces the input asynchronously.
  while (document.querySelector('input[type=file]') === null) await new Promise(requestAnimationFrame);
  const input = document.querySelector('input[type=file]');
  input.files = chosen.files;
  input.dispatchEvent(new Event('change', { bubbles: true }));
</script>
`;
