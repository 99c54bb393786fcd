import { getEventListeners } from 'node:events';
import { copyFile, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type Bench,
  childrenOf,
  double,
  eventually,
  isAlive,
  openBench,
  type RenderOptions,
} from './testing/bench.js';
import { open, scene } from './testing/pictures.js';

const SOURCE = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(64)]);
const DOUBLE = double('child-double');

let bench: Bench;
afterEach(async () => {
  const children = await childrenOf();
  await bench.close();
  for (const child of children) expect(await isAlive(child), `child ${child} is gone`).toBe(false);
});

const act = (declaredType: string, rest: RenderOptions = {}) =>
  bench.refusal(SOURCE, { declaredType, ...rest });
/** The double tells its pid in the receipt. */
const servedBy = async () => {
  const outcome = await bench.render(SOURCE);
  return outcome.outcome === 'rendered' ? Number(outcome.rendered.receipt.colorProfile) : 0;
};

describe('a child out of control', () => {
  it.each<[string, string]>([
    ['hang', 'processing_timeout'],
    ['silent', 'processing_timeout'],
    ['segv', 'processing_crashed'],
    ['exit', 'processing_crashed'],
    ['garbage', 'processing_crashed'],
    ['not-an-object', 'processing_crashed'],
    ['allocate', 'image_too_complex'],
    ['symlink', 'processing_crashed'],
    ['fifo', 'processing_crashed'],
    ['folder', 'processing_crashed'],
    ['oversized', 'processing_crashed'],
    ['empty', 'processing_crashed'],
    ['html', 'processing_crashed'],
    ['nothing', 'processing_crashed'],
    ['elsewhere', 'processing_crashed'],
    ['too-long', 'processing_crashed'],
    ['normalizes-twice', 'processing_crashed'],
    ['other-code', 'processing_crashed'],
  ])('that does %s ends its own render, as %s', async (name, code) => {
    // On a busy machine what takes memory may take its time, too.
    const timeoutMs = code === 'processing_timeout' ? 1500 : 20_000;
    bench = await openBench({ childPath: DOUBLE, lanes: 2, timeoutMs, maxRssBytes: 400 * 1024 ** 2 });
    const neighbour = await servedBy();
    const before = await childrenOf();
    const bad = act(name);
    const good: string[] = [];
    for (let i = 0; i < 20; i++) good.push(await act('ok'));
    expect(await bad).toBe(code);
    expect(new Set(good)).toEqual(new Set(['rendered']));
    // Each of the two lanes serves again, one of them by the child it had.
    expect(await Promise.all([act('ok'), act('ok')])).toEqual(['rendered', 'rendered']);
    expect(before.filter((pid) => pid === neighbour).length).toBe(1);
    expect((await readdir(bench.scratchDir)).length).toBe((await childrenOf()).length);
    for (const lane of await readdir(bench.scratchDir))
      expect(await readdir(join(bench.scratchDir, lane))).toEqual([]);
  });

  it('is asked nothing more, nor believed, once it speaks out of turn', async () => {
    bench = await openBench({ childPath: DOUBLE });
    for (let i = 0; i < 20; i++) {
      expect(await act('answers-twice')).toBe('rendered');
      expect(await act('ok')).toBe('rendered');
    }
  });

  it('does not say of what type the source is', async () => {
    bench = await openBench({ childPath: DOUBLE });
    const outcome = await bench.rendered(SOURCE, { declaredType: 'lies-about-the-type' });
    expect([outcome.source.format, outcome.receipt.detectedType]).toEqual(['png', 'image/png']);
  });

  it('that leaves a folder behind is replaced, and its trap removed', async () => {
    bench = await openBench({ childPath: DOUBLE });
    const first = await servedBy();
    expect(await act('leaves-a-trap')).toBe('rendered');
    expect(await isAlive(first)).toBe(false);
    expect(await servedBy()).not.toBe(first);
  });

  it('may crash again and again without harm', async () => {
    bench = await openBench({ childPath: DOUBLE });
    for (let i = 0; i < 8; i++) expect(await act('exit')).toBe('processing_crashed');
    expect(await act('ok')).toBe('rendered');
    expect((await childrenOf()).length).toBe(1);
  });
});

describe('a fault of the machine', () => {
  const codeOf = (promise: Promise<unknown>) =>
    promise.then(
      () => 'no error',
      (error: NodeJS.ErrnoException) => error.code,
    );

  it('told by the child is thrown with its code', async () => {
    bench = await openBench({ childPath: DOUBLE, isDiskFull: async () => true });
    expect(await codeOf(act('no-space'))).toBe('ENOSPC');
    expect(await act('ok')).toBe('rendered');
  });

  it('is not believed of a child while the disk has space', async () => {
    bench = await openBench({ childPath: DOUBLE, isDiskFull: async () => false });
    expect(await codeOf(act('no-space'))).toBe(undefined);
    expect(await act('ok')).toBe('rendered');
  });

  it('of source and output is not blamed on the image', async () => {
    bench = await openBench();
    const source = await open(scene(20, 20)).png().toBuffer();
    expect(await codeOf(bench.render(join(bench.dir, 'missing')))).toBe('ENOENT');
    expect(await codeOf(bench.render(bench.dir))).toBe('EISDIR');
    expect(await codeOf(bench.render(source, { outputDir: join(bench.dir, 'missing') }))).toBe('ENOENT');
    const full = join(bench.dir, 'full');
    await mkdir(full);
    await symlink('/dev/full', join(full, 'main.png'));
    expect(await codeOf(bench.render(source, { outputDir: full }))).toBe('ENOSPC');
    expect(await bench.refusal(source)).toBe('rendered');
  });

  it('at the start of a child rejects this render and leaves the lane usable', async () => {
    const childPath = join('/tmp', `pixdock-double-${process.pid}.mjs`);
    await copyFile(DOUBLE, childPath);
    bench = await openBench({ childPath });
    try {
      await rm(childPath);
      expect(await codeOf(act('exit'))).toBe('EAGAIN');
      expect(await codeOf(act('ok'))).toBe('EAGAIN');
      expect(await readdir(bench.scratchDir)).toEqual([]);
      await copyFile(DOUBLE, childPath);
      expect(await act('ok')).toBe('rendered');
      await rename(bench.scratchDir, `${bench.scratchDir}-away`);
      expect(await codeOf(act('exit'))).toBe('ENOENT');
      await rename(`${bench.scratchDir}-away`, bench.scratchDir);
      expect(await act('ok')).toBe('rendered');
    } finally {
      await rm(childPath, { force: true });
    }
  });

  it('keeps an engine from starting, without leftovers', async () => {
    bench = await openBench({ childPath: DOUBLE });
    const before = await childrenOf();
    await expect(
      openBench({ childPath: double('child-mute'), startMs: 300, lanes: 2 }),
    ).rejects.toMatchObject({ code: 'EAGAIN' });
    expect(await childrenOf()).toEqual(before);
  });
});

describe('an abort', () => {
  it('kills and rejects, and the lane goes on', async () => {
    bench = await openBench({ childPath: DOUBLE });
    const child = await servedBy();
    for (const name of ['hang', 'silent']) {
      const abort = new AbortController();
      const render = act(name, { signal: abort.signal });
      setTimeout(() => abort.abort(new Error('let go')), 50);
      await expect(render).rejects.toThrow('let go');
    }
    expect(await isAlive(child)).toBe(false);
    expect(await act('ok')).toBe('rendered');
  });

  it('rejects at once who waits for a lane, or comes too late', async () => {
    bench = await openBench({ childPath: DOUBLE, timeoutMs: 60_000 });
    const holder = new AbortController();
    const held = act('silent', { signal: holder.signal });
    const abort = new AbortController();
    const waiting = act('ok', { signal: abort.signal });
    const next = act('ok');
    abort.abort(new Error('let go'));
    await expect(waiting).rejects.toThrow('let go');
    await expect(act('ok', { signal: abort.signal })).rejects.toThrow('let go');
    holder.abort(new Error('done'));
    await expect(held).rejects.toThrow('done');
    expect(await next).toBe('rendered');
  });
});

describe('owners', () => {
  it('stops and repeats a render of an owner who holds all lanes while another owner waits', async () => {
    bench = await openBench({ childPath: DOUBLE, lanes: 2, timeoutMs: 4000 });
    const ended: string[] = [];
    const render = async (name: string, owner: string, end: string) => {
      ended.push(`${end} ${await act(name, { owner })}`);
    };
    const renders = [render('silent', 'alice', 'a1'), render('silent', 'alice', 'a2')];
    await render('ok', 'bob', 'b1');
    expect(ended).toEqual(['b1 rendered']);
    await Promise.all(renders);
    expect(ended.toSorted()).toEqual(['a1 processing_timeout', 'a2 processing_timeout', 'b1 rendered']);
  }, 30_000);
});

describe('stop', () => {
  it('leaves no process and no folder, and ends what is in hand', async () => {
    bench = await openBench({ childPath: DOUBLE, lanes: 2 });
    const renders = ['hang', 'silent'].map((name) => act(name));
    const isBusy = async (lane: string) => (await readdir(join(bench.scratchDir, lane))).includes('source');
    const lanes = await readdir(bench.scratchDir);
    await eventually('both lanes have work', async () =>
      (await Promise.all(lanes.map(isBusy))).every((busy) => busy),
    );
    const settled = Promise.allSettled([...renders, act('ok'), act('ok')]);
    const children = await childrenOf();
    await bench.engine.stop();
    for (const { status } of await settled) expect(status).toBe('rejected');
    for (const child of children) expect(await isAlive(child)).toBe(false);
    expect(await readdir(bench.scratchDir)).toEqual([]);
    await expect(act('ok')).rejects.toThrow('stopped');
    await bench.engine.stop();
    expect(await childrenOf()).toEqual([]);
  });

  it('removes what a dead worker left, and nothing of the living', async () => {
    bench = await openBench({ childPath: DOUBLE });
    const [living = ''] = await readdir(bench.scratchDir);
    const [, host, pid, life] = /^lane-(\w+)-(\d+)-(\w+)-/.exec(living) ?? [];
    expect(Number(pid)).toBe(process.pid);
    const dead = [`lane-${host}-4194303-${life}-aa`, `lane-${host}-${pid}-00000000-aa`];
    const others = ['lane-00000000-4194303-00000000-aa', `lane-${host}-1-00000000-aa`, 'something-else'];
    for (const name of [...dead, ...others]) {
      await mkdir(join(bench.scratchDir, name));
      await writeFile(join(bench.scratchDir, name, 'source'), 'x');
    }
    const second = await openBench({ childPath: DOUBLE, scratchDir: bench.scratchDir });
    const names = await readdir(bench.scratchDir);
    for (const name of dead) expect(names).not.toContain(name);
    for (const name of [living, ...others]) expect(names).toContain(name);
    await second.close();
    expect(await act('ok')).toBe('rendered');
  });
});

describe('many renders', () => {
  it('on one lane and one signal leave no listener, no file and the same child', async () => {
    bench = await openBench({ childPath: DOUBLE });
    const warnings: string[] = [];
    const onWarning = (warning: Error) => warnings.push(warning.message);
    process.on('warning', onWarning);
    const { signal } = new AbortController();
    const child = await servedBy();
    const render = () => bench.refusal(SOURCE, { signal });
    for (let round = 0; round < 6; round++)
      expect(new Set(await Promise.all(Array.from({ length: 50 }, render)))).toEqual(new Set(['rendered']));
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    expect(await servedBy()).toBe(child);
    const [lane = ''] = await readdir(bench.scratchDir);
    expect(await readdir(join(bench.scratchDir, lane))).toEqual([]);
    process.off('warning', onWarning);
    expect(warnings).toEqual([]);
  });

  it('share the lanes, each its own', async () => {
    bench = await openBench({ childPath: DOUBLE, lanes: 3 });
    const pids = new Set(await Promise.all(Array.from({ length: 30 }, servedBy)));
    expect(pids.size).toBe(3);
  });

  it('of real pictures do not make a child grow', async () => {
    bench = await openBench();
    const sources = await Promise.all([
      open(scene(300, 225)).jpeg().toBuffer(),
      open(scene(225, 175)).png().toBuffer(),
      open(scene(200, 200)).webp().toBuffer(),
    ]);
    const rss = async () => {
      const [child = 0] = await childrenOf();
      return Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${child}/status`, 'latin1'))?.[1]);
    };
    const round = async (times: number) => {
      for (let i = 0; i < times; i++) expect(await bench.refusal(sources[i % 3] ?? SOURCE)).toBe('rendered');
    };
    await round(60);
    const settled = await rss();
    await round(140);
    expect(await rss()).toBeLessThan(settled * 1.3 + 20_000);
    await eventually('one child', async () => (await childrenOf()).length === 1);
  });
});
