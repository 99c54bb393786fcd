import type { Language } from '@pixdock/contract/messages/text';
import { isSimilarName } from '@pixdock/contract/similar-name';
import { type SettingFault, SettingsError } from './settings-error.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** Names of other programs that are shorter often differ from ours by one letter. */
const MIN_NAME_LENGTH = 7;

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

/** The variables that are probably mistyped settings, each with the setting. */
export function mistypedSettings(environment: Environment, settings: readonly string[]) {
  return Object.keys(environment).flatMap((name) => {
    if (name.length < MIN_NAME_LENGTH || settings.includes(name)) return [];
    const meant = settings.find((setting) => isSimilarName(name, setting));
    return meant === undefined ? [] : [{ name, meant }];
  });
}
