import { sayOnlyIn } from '@pixdock/contract/messages/catalog';
import type { Language } from '@pixdock/contract/messages/text';
import { batch } from './batch.js';
import { misuse } from './misuse.js';
import { progress } from './progress.js';

export type Say = ReturnType<typeof sayCli>;

/** Returns `say(reason, params)` for the sentences of the command. */
export function sayCli(language: Language) {
  return sayOnlyIn({ ...misuse, ...progress, ...batch }, language);
}
