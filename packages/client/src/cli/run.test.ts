import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { detailOf, sayDetail } from '@pixdock/contract/messages/detail';
import { expect, it } from 'vitest';
import { pixdock } from '../messages/help.js';
import { problem, serve } from '../testing/serve.js';
import { runPixdock, temporaryFolder } from './testing/run-pixdock.js';

it.each([
  [['uplaod', 'x.jpg'], 'Unknown command: uplaod: did you mean `upload`?'],
  [['keys', 'create'], 'Unknown command: keys: did you mean `pixdock-ops keys`?'],
  [['upload', '--jsno', 'x.jpg'], 'Unknown option'],
  [['status'], 'needs more arguments'],
  [['upload', 'x.jpg'], 'No API key'],
  [['upload', 'x.jpg', '--key', 'k', '--url', 'ftp://h'], 'is not an http(s) URL'],
  [['upload', '--key', 'k'], 'Which files?'],
  [['upload', 'a.jpg', 'b.jpg', '--external-id', 'sku-1', '--key', 'k'], '--external-id names one file'],
  [['upload', 'a.jpg', '--metadata', 'red', '--key', 'k'], '"red" is not KEY=VALUE'],
  [['upload', 'a.jpg', 'https://h/1.jpg', '--key', 'k'], 'https://h/1.jpg is a URL. Give it alone'],
  [['list', '--limit', '0', '--key', 'k'], 'is not a whole number'],
  [['list', '--status', 'faild', '--key', 'k'], 'one of: queued, processing, published, failed,'],
  [['list', '--code', 'slow', '--key', 'k'], '"slow" is not an error code'],
  [['list', '--until', 'noon', '--key', 'k'], '--until: "noon" is neither a time'],
  [['status', 'x1', '--key', 'k'], 'is not an id'],
  [['cancel', 'img_1', '--key', 'k'], 'for batches'],
  [['approve', 'img_1', 'bat_1', '--key', 'k'], 'for images'],
  [['retry', 'img_1', '--code', 'source_timeout', '--key', 'k'], '--code selects failures of a batch'],
  [['import', 'nothing.csv', '--key', 'k'], 'nothing.csv: This file does not exist.'],
  [['status', 'img_1', '-v', '--key', 'k'], 'Unknown option `-v`'],
  [['status', 'img_1', '-wv', '--key', 'k'], 'Unknown option `-w`'],
  [['upload', '-5.jpg', '--key', 'k'], 'after "--"'],
  [['config', 'set', 'url', 'nowhere'], 'not an http(s) URL'],
  [['config', 'set', 'url', 'localhost:3810'], 'in front: http://localhost:3810'],
  [['webhooks', 'add', '127.0.0.1:9000/x', '--key', 'k'], 'in front: http://127.0.0.1:9000/x'],
  [['config', 'set', 'url', 'http://a b'], 'not an http(s) URL'],
  [['config', 'set', 'key', '密钥'], 'may contain only ASCII'],
  [['config', 'set', 'key', ''], 'may contain only ASCII'],
  [['status', 'img_1', '--key', '密钥'], 'The key (--key) may contain only ASCII'],
])('exits with 2 and says what to do for %o', async (args, message) => {
  const { exit, err, out } = await runPixdock(args);
  expect(exit).toBe(2);
  expect(err).toContain(message);
  expect(out).toBe('');
});

it.each([[['-orep.csv']], [['-o=rep.csv']], [['-o', 'rep.csv']]])(
  'writes the output file for %o',
  async (args) => {
    const { url } = await serve(() => ({ body: 'row\n' }));
    const folder = temporaryFolder();
    const at = args.map((arg) => arg.replace('rep.csv', join(folder, 'rep=v.csv')));
    expect((await runPixdock(['report', 'bat_1', ...at], { url })).exit).toBe(0);
    expect(readFileSync(join(folder, 'rep=v.csv'), 'utf8')).toBe('row\n');
  },
);

it('says how each command and option is written', async () => {
  const wrong = Object.entries(pixdock.commands).flatMap(([form, command]) => {
    const [name = '', ...args] = form.split(' ');
    const required = args.filter((argument) => argument.startsWith('<')).map(() => 'x');
    const extra = form.includes('...') ? [] : [[name, ...args.map(() => 'x'), 'more']];
    const options = Object.keys({ ...pixdock.options, ...('options' in command && command.options) });
    return [
      [name, ...required, '--nonsense'],
      ...extra,
      ...(required.length === 0 ? [] : [[name]]),
      ...options.flatMap((option) => {
        const [, takingValue] = /(--[\w-]+) </.exec(option) ?? [];
        return takingValue === undefined ? [] : [[name, ...required, takingValue]];
      }),
    ];
  });
  expect(wrong.length).toBeGreaterThan(60);
  for (const args of wrong) {
    const { exit, err } = await runPixdock(args);
    const form = /^pixdock: [A-Z].*\. For example: pixdock .+\npixdock \S+ --help\n$/;
    expect([args.join(' '), exit, err]).toEqual([args.join(' '), 2, expect.stringMatching(form)]);
  }
});

it.each([
  ['retry bat_1 --code slow', '"slow" is not an error code'],
  ['list --limit -1', '`--limit <number>` needs a value'],
  ['list --json=yes', 'Unknown option `--json=yes`: did you mean `--json`?'],
  ['list --limit 1e99', 'is not a whole number from 1 to 999999'],
  ['list --since 90', 'nor a duration such as 30min'],
  ['webhooks add', 'pixdock webhooks add URL'],
  ['webhooks creat https://a.example/', 'pixdock webhooks add URL'],
  ['config get url', '`config` takes one of these forms:\npixdock config show'],
  ['listen --forward-to ftp://h/', 'is not an http(s) URL'],
  ['webhooks recover 90', 'is not a time such as'],
  ['listen --forward-to http://h/ --secret abc', 'begins with whsec_'],
])('refuses %s', async (line, words) => {
  const { exit, err } = await runPixdock([...line.split(' '), '--key', 'k']);
  expect([exit, err]).toEqual([2, expect.stringContaining(words)]);
});

it.each([
  [['uplaod'], '未知命令：uplaod'],
  [['upload', '--jsno', 'x.jpg'], '未知选项 `--jsno`，是否应为 `--json`？ 例如：pixdock upload'],
  [['status'], '命令 `status <id>` 缺少参数'],
  [['status', 'img_1', '--key'], '选项 `--key <key>` 缺少值'],
  [['import', 'a.csv', 'b.csv'], '多余的参数：`b.csv`'],
  [['import', '-xy'], '未知选项 `-x`'],
  [['config', 'set', 'url', 'nowhere'], '不是 http(s) 地址'],
])('reports misuse in Chinese for %o', async (args, message) => {
  const { exit, err } = await runPixdock(args, { environment: { LANG: 'zh_CN.UTF-8' } });
  expect([exit, err]).toEqual([2, expect.stringContaining(message)]);
});

it('reports a broken config file in Chinese', async () => {
  const home = temporaryFolder();
  mkdirSync(join(home, '.config/pixdock'), { recursive: true });
  writeFileSync(join(home, '.config/pixdock/config.json'), '{');
  const { exit, err } = await runPixdock(['config', 'show'], { home, environment: { LANG: 'zh_CN.UTF-8' } });
  expect([exit, err]).toEqual([2, expect.stringContaining('不是 JSON')]);
});

it.each([[['--help']], [['import', '--help']], [['report', '--help']], [['--version']]])(
  'prints no English sentences in Chinese for %o',
  async (args) => {
    const { out } = await runPixdock(args, { environment: { LANG: 'zh_CN.UTF-8' } });
    expect(out).not.toMatch(
      /[a-z] (?:the|an?|of|is|this|version|message) |Options|Usage|Examples|Commands|default:/,
    );
  },
);

it.each([
  [500, 'internal_error', 2],
  [503, 'overloaded', 2],
  [404, 'not_found', 1],
])('exits after a response with %i %s with %i', async (status, code, expected) => {
  const { url } = await serve(() => problem(status, code, { retryAfter: 0 }));
  expect((await runPixdock(['status', 'img_1'], { url })).exit).toBe(expected);
});

it('uploads a file with an externalId and metadata', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'front.jpg');
  writeFileSync(file, 'bytes');
  const { url, requests } = await serve(({ method }) =>
    method === 'POST'
      ? { status: 202, body: { id: 'img_1', status: 'queued' } }
      : {
          body: { id: 'img_1', status: 'published', url: 'http://oss/1', deleteRequestedAt: null, items: [] },
        },
  );
  const options = ['--external-id', '007', '--metadata', 'color=red', '--metadata=size=a=b'];
  expect((await runPixdock(['upload', file, ...options], { url })).exit).toBe(0);
  const form = String(requests.find(({ method }) => method === 'POST')?.body);
  expect(form).toMatch(/name="externalId"\r\n\r\n007\r\n/);
  expect(form).toContain('{"color":"red","size":"a=b"}');
});

it('lists the newest images with their URL or error code', async () => {
  const image = (id: string, more: object) => ({ id, url: null, error: null, externalId: null, ...more });
  const { url, requests } = await serve(() => ({
    body: {
      items: [
        image('img_3', { status: 'published', url: 'http://oss/3', externalId: 'sku-3' }),
        image('img_2', { status: 'failed', error: { code: 'image_corrupt' } }),
        image('img_1', { status: 'queued' }),
      ],
    },
  }));
  const filter = ['--status', 'failed', '--external-id', 'sku-3', '--batch', 'bat_1'];
  filter.push('--external-id-prefix', 'sku', '--filename-prefix', 'a b', '--metadata', 'color=red');
  const { exit, out } = await runPixdock(['list', ...filter, '--limit', '2'], { url });
  expect([exit, out]).toEqual([0, 'img_3\tpublished\thttp://oss/3\tsku-3\nimg_2\tfailed\timage_corrupt\n']);
  expect(Object.fromEntries(requests[0]?.url.searchParams ?? [])).toMatchObject({
    status: 'failed',
    externalId: 'sku-3',
    batchId: 'bat_1',
    externalIdPrefix: 'sku',
    filenamePrefix: 'a b',
    'metadata.color': 'red',
  });
});

it('says that a batch is unknown instead of listing no images', async () => {
  const { url } = await serve(({ url: { pathname } }) =>
    pathname === '/v1/images' ? { body: { items: [] } } : problem(404, 'not_found'),
  );
  const { exit, err } = await runPixdock(['list', '--batch', 'bat_1'], { url });
  expect([exit, err]).toEqual([1, expect.stringContaining('not_found')]);
});

it('explains a refused key without advice for programs', async () => {
  const detail = sayDetail('en', detailOf('key-unknown'));
  const { url } = await serve(() => ({ status: 401, body: { code: 'unauthorized', title: '', detail } }));
  const { exit, err } = await runPixdock(['list'], { url });
  expect([exit, err]).toEqual([
    2,
    expect.stringContaining('does not accept this key.\nSet another with --key'),
  ]);
});

it('lists why files of a folder cannot be read', async () => {
  const { url } = await serve(() => ({ body: { items: [] } }));
  const folder = temporaryFolder();
  symlinkSync('/nowhere', join(folder, 'a.jpg'));
  const { exit, err } = await runPixdock(['import', folder, '--dry-run'], { url });
  expect([exit, err]).toEqual([1, expect.stringContaining('failed  a.jpg  This link leads to no file.\n')]);
});

it('prints its version', async () => {
  const { exit, out } = await runPixdock(['--version']);
  expect([exit, out]).toEqual([0, expect.stringMatching(/^pixdock\/\d+\.\d+\.\d+/)]);
});

it.each([
  [['--columns', 'a:url'], '--columns'],
  [['--no-watch'], '--no-watch'],
])('rejects options without effect on a folder: %o', async (args, name) => {
  const { exit, err } = await runPixdock(['import', temporaryFolder(), '--key', 'k', ...args]);
  expect([exit, err]).toEqual([2, `pixdock: ${name} has no effect on this kind of source.\n`]);
});

it.each([
  'upload',
  'import',
  'list',
  'batches',
  'status',
  'retry',
  'rename',
  'cancel',
  'delete',
  'report',
  'config',
])('prints an example in %s --help', async (name) => {
  const { exit, out } = await runPixdock([name, '--help']);
  expect([exit, out]).toEqual([0, expect.stringMatching(`Examples:\n {2}\\$ pixdock ${name} `)]);
});

it('says what to do about a wrong key and an unreachable server, in the language of the terminal', async () => {
  const { url } = await serve(() => problem(401, 'unauthorized'));
  const wrong = await runPixdock(['upload', 'x.jpg'], { url });
  expect([wrong.exit, wrong.err]).toEqual([
    2,
    expect.stringContaining('does not accept this key. Detail.\n'),
  ]);
  expect(wrong.err).not.toContain('API_KEYS');
  const chinese = await runPixdock(['upload', 'x.jpg'], { url, environment: { LANG: 'zh_CN.UTF-8' } });
  expect(chinese.err).toContain('服务器不接受此密钥。Detail.\n');
  const absent = await runPixdock(['upload', 'x.jpg'], { url: 'http://127.0.0.1:1' });
  expect([absent.exit, absent.err]).toEqual([2, expect.stringContaining('Is the server running there?')]);
  const startedAt = Date.now();
  const status = await runPixdock(['status', 'img_1'], { url: 'http://127.0.0.1:1' });
  expect([status.exit, status.err]).toEqual([2, expect.stringContaining('Is the server running there?')]);
  // At most two pauses of a second; the SDK would take about fifteen.
  expect(Date.now() - startedAt).toBeLessThan(12_000);
});

it('stores server and key in a file that only its owner can read', async () => {
  const home = temporaryFolder();
  const file = join(home, '.config/pixdock/config.json');
  await runPixdock(['config', 'set', 'url', 'http://h:3000'], { home });
  expect((await runPixdock(['config', 'set', 'key', '0123456789abcdef'], { home })).exit).toBe(0);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ url: 'http://h:3000', key: '0123456789abcdef' });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const shown = await runPixdock(['config', 'show'], { home });
  expect(shown.out).toContain('012…ef');
  expect(shown.out + shown.err).not.toContain('0123456789abcdef');
  const overridden = await runPixdock(['config', 'show', '--json', '--url', 'http://option'], {
    home,
    environment: { PIXDOCK_API_KEY: 'from-the-environment' },
  });
  expect(JSON.parse(overridden.out)).toMatchObject({ urlFrom: '--url', keyFrom: 'PIXDOCK_API_KEY' });
});

it('imports a URL that is given to upload, with its options, and waits for it', async () => {
  const image = {
    id: 'img_1',
    status: 'published',
    url: 'http://oss/1.jpg',
    version: 2,
    deleteRequestedAt: null,
  };
  const { url, requests } = await serve(({ method }) => ({
    status: method === 'POST' ? 202 : 200,
    body: image,
  }));
  const source = 'https://a.example/1.jpg';
  const { exit, out } = await runPixdock(['upload', source, '--external-id', 'sku-1'], { url });
  expect([exit, out]).toEqual([0, `http://oss/1.jpg\t${source}\n`]);
  expect(JSON.parse(String(requests[0]?.body))).toEqual({ url: source, externalId: 'sku-1' });
});

it('prints URLs on stdout and failures on stderr, and exits with 1', async () => {
  const folder = temporaryFolder();
  const names = ['a.jpg', 'bad.jpg', 'e\u001b[31mvil.jpg'];
  for (const name of names) writeFileSync(join(folder, name), name);
  const { url } = await serve(({ method, url: { pathname }, body }) => {
    if (method === 'GET' && pathname === '/v1/images') return { body: { items: [] } };
    if (String(body).includes('bad.jpg')) return problem(415, 'unsupported_media_type');
    const image = {
      id: 'img_1',
      status: 'published',
      url: 'http://oss/1.jpg',
      version: 2,
      deleteRequestedAt: null,
    };
    return { status: method === 'POST' ? 202 : 200, body: image };
  });
  const files = [...names, 'none.jpg', '\uFFFD.jpg'].map((name) => join(folder, name));
  const { exit, out, err } = await runPixdock(['upload', ...files], { url });
  expect(exit).toBe(1);
  expect(out.split('\n').toSorted()).toEqual([
    '',
    `http://oss/1.jpg\t${folder}/a.jpg`,
    `http://oss/1.jpg\t${folder}/e\\u{1b}[31mvil.jpg`,
  ]);
  expect(err).toContain(`failed  ${folder}/bad.jpg  unsupported_media_type: Title. Detail.`);
  expect(err).toContain(`failed  ${folder}/none.jpg  ENOENT: This file does not exist.\n`);
  expect(err).toContain(`failed  ${folder}/\uFFFD.jpg  ENOENT: Its name may not be UTF-8;`);
  expect(err).toContain('5 files: 2 published, 3 failed');

  const json = await runPixdock(['upload', '--json', ...files], { url });
  const lines = json.out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { file: string; error?: object });
  expect(lines).toContainEqual({ file: files[2], how: 'sent', id: 'img_1', url: 'http://oss/1.jpg' });
  expect(lines).toContainEqual({
    file: files[1],
    id: null,
    error: { code: 'unsupported_media_type', detail: 'Detail.' },
  });
});

it('shows that an image is being deleted, without its URL', async () => {
  const { url } = await serve(() => ({
    body: {
      id: 'img_1',
      status: 'published',
      stage: 'published',
      url: 'http://oss/1.jpg',
      externalId: null,
      error: null,
      lastError: null,
      batchId: null,
      row: null,
      deleteRequestedAt: '2026-01-01T00:00:00.000Z',
      source: {
        kind: 'upload',
        url: null,
        filename: 'a.jpg',
        bytes: 7,
        width: 1,
        height: 1,
        mediaType: 'image/png',
      },
      variants: {},
    },
  }));
  const { exit, out } = await runPixdock(['delete', 'img_1'], { url });
  expect([exit, out]).toEqual([
    0,
    'image       img_1\nstatus      published, being deleted\nsource      a.jpg, 1 × 1, 7 B, image/png\n',
  ]);
});

it('deletes all images with an externalId, page by page', async () => {
  const { url, requests } = await serve(({ body }) => {
    const { cursor } = JSON.parse(String(body)) as { cursor?: string };
    const items =
      cursor === undefined ? [{ id: 'img_1', status: 'published' }] : [{ id: 'img_2', status: 'deleted' }];
    return { status: 202, body: cursor === undefined ? { items, next: 'c' } : { items } };
  });
  const { exit, out, err } = await runPixdock(['delete', '--external-id', '13812345678'], { url });
  expect([exit, out, err]).toEqual([
    0,
    'img_1\tpublished, being deleted\nimg_2\tdeleted\n',
    '2 images will be deleted.\n',
  ]);
  expect(
    requests.map(({ method, url: { pathname }, body }) => [method, pathname, JSON.parse(String(body))]),
  ).toEqual([
    ['POST', '/v1/images/delete', { externalId: '13812345678' }],
    ['POST', '/v1/images/delete', { externalId: '13812345678', cursor: 'c' }],
  ]);
});

it('asks which images to delete, unless one option or an id names them', async () => {
  for (const args of [[], ['img_1', '--external-id', 'a']]) {
    const { exit, err } = await runPixdock(['delete', ...args]);
    expect([exit, err]).toEqual([2, expect.stringContaining('--external-id')]);
  }
});

it('shows where an image comes from, and why and when it is tried again', async () => {
  const error = { code: 'source_timeout', title: 'Title', detail: 'No answer.' };
  const { url } = await serve(() => ({
    body: {
      id: 'img_1',
      status: 'queued',
      stage: 'fetching',
      url: null,
      externalId: null,
      error: null,
      lastError: error,
      nextAttemptAt: '2026-01-01T00:00:05.000Z',
      batchId: 'bat_1',
      row: 78,
      position: 2,
      deleteRequestedAt: null,
      source: {
        kind: 'url',
        url: 'https://a.cn/1.jpg',
        filename: null,
        bytes: null,
        width: null,
        mediaType: null,
      },
      variants: {},
    },
  }));
  const { out } = await runPixdock(['status', 'img_1'], { url });
  expect(out.split('\n')).toEqual([
    'image       img_1',
    'status      queued (fetching)',
    'last error  source_timeout: Title. No answer. Next attempt: 2026-01-01T00:00:05.000Z',
    'source      https://a.cn/1.jpg',
    'batch       bat_1, row 78, image 2',
    '',
  ]);
});

it('draws on a terminal and clears it at the end', async () => {
  const file = join(temporaryFolder(), 'a.jpg');
  writeFileSync(file, 'picture');
  const { url } = await serve(async ({ method }) => {
    if (method === 'POST') await new Promise((resolve) => setTimeout(resolve, 400));
    const image = {
      id: 'img_1',
      status: 'published',
      url: 'http://oss/1.jpg',
      version: 2,
      deleteRequestedAt: null,
    };
    return { body: { ...image, items: [] } };
  });
  const { exit, out, err } = await runPixdock(['upload', file], { url, terminal: true });
  expect(exit).toBe(0);
  expect(out).toBe(`http://oss/1.jpg\t${file}\n`);
  expect(err).toContain('\u001b[32m█');
  // Only the total follows the cleared progress.
  const total = err.slice(err.lastIndexOf('\u001b[J')).replace(/\d:\d\d/, 'TIME');
  expect(total).toBe('\u001b[J\u001b[?25h1 file: 1 published (TIME)\n');
  const plain = await runPixdock(['upload', file], { url, terminal: true, environment: { NO_COLOR: '1' } });
  expect(plain.err).not.toContain('\u001b[32m');
});

it('says on stderr why it tries again', async () => {
  const { url } = await serve((_request, count) =>
    count < 2 ? problem(503, 'staging_full', { retryAfter: 0 }) : { body: { items: [] } },
  );
  const { exit, err } = await runPixdock(['list'], { url });
  expect([exit, err]).toEqual([0, expect.stringMatching(/^Title \(503\)\. Trying again in \d s\.\n/)]);
  const chinese = await serve((_request, count) =>
    count < 2 ? problem(503, 'staging_full', { retryAfter: 0 }) : { body: { items: [] } },
  );
  const said = await runPixdock(['list'], { url: chinese.url, environment: { LANG: 'zh_CN.UTF-8' } });
  expect(said.err).toMatch(/^Title（503）。\d 秒后重试。\n/);
});
