import { startSourceServer } from '@pixdock/shared/testing/source-server';
import { type Leaks, openLeaks } from '../harness/leaks.js';
import { descendants } from '../harness/leftovers.js';
import type { Service } from '../harness/processes.js';
import { type Stack, startStack } from '../harness/stack.js';
import { type History, openHistory } from './history.js';
import { makePictures, type Picture, type Pictures } from './pictures.js';

export type App = 'api' | 'worker';

/** The real parts, and all that happened to them. */
export interface Run {
  stack: Stack;
  history: History;
  leaks: Leaks;
  pictures: Pictures;
  /** An address at which a source has the picture, told from all others by `mark`. */
  urlOf: (picture: Picture, mark: string) => string;
  /** Ends a service and waits until it has; notes what it had running. */
  end(app: App, signal?: NodeJS.Signals): Promise<void>;
  /** Notes what a service that is about to die has running. */
  watchDecoders: () => void;
  start(app: App, env?: Record<string, string>): Promise<void>;
  /** All that services printed, those that are gone too. */
  logs(): string;
  stop(): Promise<void>;
}

/** What is told of a published image must not show where OSS is. */
const FILE_DOMAIN = 'https://img.example.com';

export async function startRun(extra: Record<string, string> = {}): Promise<Run> {
  const pictures = await makePictures();
  const all = [...pictures.good, ...pictures.bad];
  const images = Object.fromEntries(all.map(({ bytes, type }, i) => [`p${i}`, { bytes, type }]));
  const source = await startSourceServer({ images });
  const stack = await startStack({
    SOURCE_ALLOW: source.host,
    ALIYUN_OSS_FILE_DOMAIN: FILE_DOMAIN,
    ...extra,
  });
  const history = openHistory();
  const services: Service[] = [stack.api, stack.worker];

  function watchDecoders(): void {
    for (const pid of descendants(stack.worker.pid)) history.deadDecoders.add(pid);
  }

  return {
    stack,
    history,
    leaks: openLeaks(stack.env),
    pictures,
    urlOf: (picture, mark) => `${source.url}/image/p${all.indexOf(picture)}/${mark}`,
    watchDecoders,
    async end(app, signal = 'SIGKILL') {
      if (app === 'worker') watchDecoders();
      stack[app].kill(signal);
      await stack[app].exited;
    },
    async start(app, env = {}) {
      await (app === 'api' ? stack.restartApi(env) : stack.restartWorker(env));
      services.push(stack[app]);
    },
    logs: () => services.map((service) => service.output()).join(''),
    async stop() {
      await stack.stop();
      await source.stop();
    },
  };
}
