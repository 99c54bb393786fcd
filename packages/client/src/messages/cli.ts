import type { Language } from '@pixdock/shared/errors';
import { sayOnlyIn } from '@pixdock/shared/messages/catalog';
import { batch } from './batch.js';
import { help } from './help.js';
import { misuse } from './misuse.js';
import { progress } from './progress.js';

export type Say = ReturnType<typeof sayCli>;

/** Returns `say(reason, params)` for the sentences of the command. */
export function sayCli(language: Language) {
  return sayOnlyIn({ ...help, ...misuse, ...progress, ...batch }, language);
}
