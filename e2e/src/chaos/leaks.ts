import { fileURLToPath } from 'node:url';
import { FAULT_TOKEN, type Stack } from '../harness/stack.js';

/** What the sources of a run are asked with. */
export const SOURCE_AUTHORIZATION = 'Bearer secret-of-the-source';
const KEYS = ['key-of-acme', 'key-of-other'];
const CHECKOUT = fileURLToPath(new URL('../../..', import.meta.url));
const STACK_LINE = /\n\s*at .+:\d+:\d+/;

export interface Leaks {
  /** What of an answer nobody outside should know. */
  inAnswer(text: string): string[];
  /** What should not even be in a log. */
  inLog(text: string): string[];
}

export function openLeaks({ env, dataDir, oss }: Stack): Leaks {
  const secrets = [
    ...KEYS,
    env.ALIBABA_CLOUD_ACCESS_KEY_SECRET ?? '',
    FAULT_TOKEN,
    SOURCE_AUTHORIZATION.replace('Bearer ', ''),
  ];
  const inside = [
    dataDir,
    CHECKOUT,
    'node_modules',
    new URL(oss.endpoint).host,
    env.ALIBABA_CLOUD_ACCESS_KEY_ID ?? '',
  ];
  const held = (text: string, all: readonly string[]) =>
    all.filter((one) => one !== '' && text.includes(one));
  return {
    inAnswer: (text) => [
      ...held(text, [...secrets, ...inside]),
      ...(STACK_LINE.test(text) ? ['a stack trace'] : []),
    ],
    inLog: (text) => held(text, secrets),
  };
}
