import type { Language } from '@pixdock/contract/messages/text';
import { type SettingFault, SettingsError } from './settings-error.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the settings of several programs. @throws SettingsError with every fault, each once */
export function checkSettings(
  readers: readonly ((environment: Environment, language: Language) => unknown)[],
  environment: Environment,
  language: Language,
): void {
  const faults = new Map<string, SettingFault>();
  for (const read of readers)
    try {
      read(environment, language);
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error;
      for (const fault of error.faults) faults.set(`${fault.name} ${fault.problem}`, fault);
    }
  if (faults.size > 0) throw new SettingsError([...faults.values()], language);
}
