/** The parts of a CPU profile of Node (`--cpu-prof`) that are read here. */
export interface CpuProfile {
  nodes: readonly ProfileNode[];
  /** The ids of the nodes that ran, and the µs since the sample before. */
  samples: readonly number[];
  timeDeltas: readonly number[];
}

interface ProfileNode {
  id: number;
  callFrame: { functionName: string; url: string };
  children?: readonly number[];
}

/** The kinds of work of a process, in the order in which a frame is tried. */
const PARTS: readonly (readonly [part: string, url: RegExp])[] = [
  ['checks of stored data (zod)', /\/zod\//],
  ['ioredis and BullMQ', /\/(?:ioredis|bullmq|redis-parser|standard-as-callback|denque)\//],
  ['Hono, ali-oss', /\/(?:hono|node-server|zod-openapi|ali-oss|urllib)\//],
  ["Pixdock's code", /\/(?:apps|packages)\/[\w-]+\/(?:dist|src)\//],
  ['digests', /^node:(?:internal\/)?crypto\/(?:hash|random)/],
  ['files', /^node:(?:internal\/)?fs/],
  ['sockets', /^node:(?:net|_http|internal\/stream_base|internal\/streams|internal\/http|stream)/],
];
const LOG = /\/(?:pino|sonic-boom)\/|\/runtime\/(?:log|redact)/;
const REST = "Node's own JavaScript";
const COLLECTION = '(garbage collector)';
/** The garbage collector has no caller: its time belongs to the start until most of the start is over. */
const STARTED = 0.95;
const START = /^node:internal\/(?:modules|bootstrap|process\/esm|deps\/cjs|main)/;

/** Shares of the CPU time of a process's main thread, without those of its start; largest first. */
export function sharesOf({ nodes, samples, timeDeltas }: CpuProfile): Map<string, number> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parentOf = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
  const partOf = new Map(nodes.map(({ id }) => [id, findPart(id)]));
  const spent = new Map<string, number>();
  let total = 0;
  const startSamples = samples.filter((id) => partOf.get(id) === 'start').length;
  let started = 0;
  for (const [i, id] of samples.entries()) {
    const part = partOf.get(id) ?? null;
    if (part === 'start') started++;
    if (part === null || part === 'start' || started < startSamples * STARTED) continue;
    const micros = timeDeltas[i] ?? 0;
    total += micros;
    spent.set(part, (spent.get(part) ?? 0) + micros);
  }
  return new Map(
    [...spent].toSorted(([, a], [, b]) => b - a).map(([part, micros]) => [part, micros / total]),
  );

  /** Null while the process waits. A native function belongs to the part that calls it. */
  function findPart(id: number): string | null {
    const { functionName } = byId.get(id)?.callFrame ?? { functionName: '' };
    if (functionName === '(idle)') return null;
    if (functionName === COLLECTION) return 'garbage collection';
    const urls = callersOf(id);
    if (urls.some((url) => START.test(url))) return 'start';
    if (urls.some((url) => LOG.test(url))) return 'log';
    const [own] = urls;
    return PARTS.find(([, url]) => url.test(own ?? ''))?.[0] ?? REST;
  }

  /** The files of a node and of its callers, from the inside. */
  function callersOf(id: number): string[] {
    const urls: string[] = [];
    for (let at: number | undefined = id; at !== undefined; at = parentOf.get(at)) {
      const url = byId.get(at)?.callFrame.url ?? '';
      if (url !== '') urls.push(url);
    }
    return urls;
  }
}

/** Whose profile it is, by the main file; null for another process. */
export function processOf({ nodes }: CpuProfile): 'api' | 'worker' | null {
  for (const { callFrame } of nodes) {
    const [, app] = /\/apps\/(api|worker)\/(?:dist|src)\/main\./.exec(callFrame.url) ?? [];
    if (app === 'api' || app === 'worker') return app;
  }
  return null;
}
