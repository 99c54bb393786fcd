import { getEventListeners } from 'node:events';
import { copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { childrenOf, isAlive } from '@pixdock/shared/testing/processes';
import { afterEach, describe, expect, it } from 'vitest';
import { type Bench, double, eventually, openBench, type RenderOptions } from './testing/bench.js';
import { open, scene } from './testing/pictures.js';

const SOURCE = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(64)]);
const DOUBLE = double('child-double');

let bench: Bench;
afterEach(async () => {
  const children = childrenOf();
  await bench.close();
  for (const child of children) expect(isAlive(child), `child ${child} is gone`).toBe(false);
});

const act = (declaredType: string, rest: RenderOptions = {}) =>
  bench.refusal(SOURCE, { declaredType, ...rest });
/** The pid of the child that rendered: the stub reports it in the receipt. */
const pidOfChild = async () => {
  const outcome = await bench.render(SOURCE);
  return outcome.outcome === 'rendered' ? Number(outcome.rendered.receipt.colorProfile) : 0;
};

describe('a misbehaving child', () => {
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
  ])('fails only its own render on %s, with %s', async (name, code) => {
    // On a busy machine, allocating memory may also take long.
    const timeoutMs = code === 'processing_timeout' ? 1500 : 20_000;
    bench = await openBench({
      childPath: DOUBLE,
      lanes: 2,
      timeoutMs,
      maxRssBytes: 400 * 1024 ** 2,
    });
    const neighbour = await pidOfChild();
    const before = childrenOf();
    const bad = act(name);
    const good: string[] = [];
    for (let i = 0; i < 20; i++) good.push(await act('ok'));
    expect(await bad).toBe(code);
    expect(new Set(good)).toEqual(new Set(['rendered']));
    // Both lanes work again, and the healthy one keeps its child.
    expect(await Promise.all([act('ok'), act('ok')])).toEqual(['rendered', 'rendered']);
    expect(before.filter((pid) => pid === neighbour).length).toBe(1);
    expect((await readdir(bench.scratchDir)).length).toBe(childrenOf().length);
    for (const lane of await readdir(bench.scratchDir))
      expect(await readdir(join(bench.scratchDir, lane))).toEqual([]);
  });

  it('may use as much CPU time as its image declares', async () => {
    bench = await openBench({ childPath: DOUBLE, cpuMs: (pixels) => (pixels === 0 ? 500 : 60_000) });
    expect(await act('spin')).toBe('processing_timeout');
    expect(await act('declare-and-spin')).toBe('rendered');
  });

  it('is replaced after an unexpected message, which is ignored', async () => {
    bench = await openBench({ childPath: DOUBLE });
    for (let i = 0; i < 20; i++) {
      expect(await act('responds-twice')).toBe('rendered');
      expect(await act('ok')).toBe('rendered');
    }
  });

  it('cannot misreport the type of the source', async () => {
    bench = await openBench({ childPath: DOUBLE });
    const outcome = await bench.rendered(SOURCE, { declaredType: 'lies-about-the-type' });
    expect([outcome.source.format, outcome.receipt.detectedType]).toEqual(['png', 'image/png']);
  });

  it('is replaced, and its folder removed, when it leaves a folder inside', async () => {
    bench = await openBench({ childPath: DOUBLE });
    const first = await pidOfChild();
    expect(await act('leaves-a-trap')).toBe('rendered');
    expect(isAlive(first)).toBe(false);
    expect(await pidOfChild()).not.toBe(first);
  });

  it('can crash repeatedly without harm', async () => {
    const ended: string[] = [];
    const events = { decoderEnded: (reason: string) => void ended.push(reason) };
    bench = await openBench({ childPath: DOUBLE, events });
    for (let i = 0; i < 8; i++) expect(await act('exit')).toBe('processing_crashed');
    expect(await act('ok')).toBe('rendered');
    expect(childrenOf().length).toBe(1);
    // Each image has two tries.
    expect(ended).toEqual(Array(16).fill('crash'));
  });
});

describe('a system error', () => {
  const codeOf = (promise: Promise<unknown>) =>
    promise.then(
      () => 'no error',
      (error: NodeJS.ErrnoException) => error.code,
    );

  it('is thrown with its code when the child reports it', async () => {
    bench = await openBench({ childPath: DOUBLE, isDiskFull: async () => true });
    expect(await codeOf(act('no-space'))).toBe('ENOSPC');
    expect(await act('ok')).toBe('rendered');
  });

  it('is thrown without its code when the child reports a full disk that has space', async () => {
    bench = await openBench({ childPath: DOUBLE, isDiskFull: async () => false });
    expect(await codeOf(act('no-space'))).toBe(undefined);
    expect(await act('ok')).toBe('rendered');
  });

  it('is thrown, not blamed on the image, for the source', async () => {
    bench = await openBench();
    const source = await open(scene(20, 20)).png().toBuffer();
    expect(await codeOf(bench.render(join(bench.dir, 'missing')))).toBe('ENOENT');
    expect(await codeOf(bench.render(bench.dir))).toBe('EISDIR');
    expect(await bench.refusal(source)).toBe('rendered');
  });

  it('rejects the render and leaves the lane usable when a child cannot start', async () => {
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

  it('prevents the engine from starting and leaves no processes', async () => {
    bench = await openBench({ childPath: DOUBLE });
    const before = childrenOf();
    await expect(
      openBench({ childPath: double('child-mute'), startMs: 300, lanes: 2 }),
    ).rejects.toMatchObject({
      code: 'EAGAIN',
      message: 'a decoder did not start: it took longer than 0.3 s',
    });
    expect(childrenOf()).toEqual(before);
  });
});

describe('an abort', () => {
  it('kills the child, rejects the render and leaves the lane usable', async () => {
    bench = await openBench({ childPath: DOUBLE });
    const child = await pidOfChild();
    for (const name of ['hang', 'silent']) {
      const abort = new AbortController();
      const render = act(name, { signal: abort.signal });
      setTimeout(() => abort.abort(new Error('aborted by the test')), 50);
      await expect(render).rejects.toThrow('aborted by the test');
    }
    expect(isAlive(child)).toBe(false);
    expect(await act('ok')).toBe('rendered');
  });

  it('immediately rejects a render that waits for a lane or has not started', async () => {
    bench = await openBench({ childPath: DOUBLE, timeoutMs: 60_000 });
    const holder = new AbortController();
    const held = act('silent', { signal: holder.signal });
    const abort = new AbortController();
    const waiting = act('ok', { signal: abort.signal });
    const next = act('ok');
    abort.abort(new Error('aborted by the test'));
    await expect(waiting).rejects.toThrow('aborted by the test');
    await expect(act('ok', { signal: abort.signal })).rejects.toThrow('aborted by the test');
    holder.abort(new Error('done'));
    await expect(held).rejects.toThrow('done');
    expect(await next).toBe('rendered');
  });
});

describe('fairness between owners', () => {
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
  });
});

describe('a stopped engine', () => {
  it('rejects running renders and leaves no process and no folder', async () => {
    bench = await openBench({ childPath: DOUBLE, lanes: 2 });
    const renders = ['hang', 'silent'].map((name) => act(name));
    const isBusy = async (lane: string) => (await readdir(join(bench.scratchDir, lane))).includes('source');
    const lanes = await readdir(bench.scratchDir);
    await eventually('both lanes have work', async () =>
      (await Promise.all(lanes.map(isBusy))).every((busy) => busy),
    );
    const settled = Promise.allSettled([...renders, act('ok'), act('ok')]);
    const children = childrenOf();
    await bench.engine.stop();
    for (const { status } of await settled) expect(status).toBe('rejected');
    for (const child of children) expect(isAlive(child)).toBe(false);
    expect(await readdir(bench.scratchDir)).toEqual([]);
    await expect(act('ok')).rejects.toThrow('stopped');
    await bench.engine.stop();
    expect(childrenOf()).toEqual([]);
  });

  it('is followed by a start that removes only the folders of dead workers', async () => {
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

describe('an engine under load', () => {
  it('leaves no listener and no file, and keeps the child, on one lane with one signal', async () => {
    bench = await openBench({ childPath: DOUBLE });
    const warnings: string[] = [];
    const onWarning = (warning: Error) => warnings.push(warning.message);
    process.on('warning', onWarning);
    const { signal } = new AbortController();
    const child = await pidOfChild();
    const render = () => bench.refusal(SOURCE, { signal });
    for (let round = 0; round < 6; round++)
      expect(new Set(await Promise.all(Array.from({ length: 50 }, render)))).toEqual(new Set(['rendered']));
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    expect(await pidOfChild()).toBe(child);
    const [lane = ''] = await readdir(bench.scratchDir);
    expect(await readdir(join(bench.scratchDir, lane))).toEqual([]);
    process.off('warning', onWarning);
    expect(warnings).toEqual([]);
  });

  it('uses every lane', async () => {
    bench = await openBench({ childPath: DOUBLE, lanes: 3 });
    const pids = new Set(await Promise.all(Array.from({ length: 30 }, pidOfChild)));
    expect(pids.size).toBe(3);
  });

  it('does not increase the memory of a child with real images', async () => {
    bench = await openBench();
    const sources = await Promise.all([
      open(scene(300, 225)).jpeg().toBuffer(),
      open(scene(225, 175)).png().toBuffer(),
      open(scene(200, 200)).webp().toBuffer(),
    ]);
    const rss = async () => {
      const [child = 0] = childrenOf();
      return Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${child}/status`, 'latin1'))?.[1]);
    };
    const round = async (times: number) => {
      for (let i = 0; i < times; i++) expect(await bench.refusal(sources[i % 3] ?? SOURCE)).toBe('rendered');
    };
    await round(60);
    const settled = await rss();
    await round(140);
    expect(await rss()).toBeLessThan(settled * 1.3 + 20_000);
    await eventually('one child', () => childrenOf().length === 1);
  });
});
