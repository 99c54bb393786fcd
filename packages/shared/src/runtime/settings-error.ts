import type { Language } from '@pixdock/contract/messages/text';
import { say } from './messages/settings.js';

/** One thing wrong with the settings: the variable, what is wrong, what to do. */
export interface SettingFault {
  name: string;
  problem: string;
  fix: string;
}

/** Thrown once, at start, with every fault found. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';

  constructor(
    readonly faults: readonly SettingFault[],
    language: Language = 'en',
  ) {
    super(say(language, 'invalid-settings', { faults }));
  }
}
