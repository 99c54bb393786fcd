import type { Language, Text } from '@pixdock/contract/messages/text';
import { readSettings, type SettingsReader } from '@pixdock/shared/runtime/env';
import { type SettingFault, SettingsError } from '@pixdock/shared/runtime/settings-error';
import { CannotRun } from './run-command.js';

/** Reads the value of an option like that of a setting. @throws CannotRun */
export function readOption<T>(
  name: `--${string}`,
  value: string | undefined,
  read: (reader: SettingsReader) => T,
): T {
  const inLanguage = (language: Language) => readSettings({ [name]: value }, read, language);
  try {
    return inLanguage('en');
  } catch (error) {
    const [en] = faultsOf(error);
    const [zh] = faultsOf(thrownBy(() => inLanguage('zh')));
    if (en === undefined || zh === undefined) throw error;
    throw new CannotRun(bothOf(en.problem, zh.problem), { en: en.fix, zh: zh.fix });
  }

  function bothOf(en: string, zh: string): Text {
    return { en: `${name}: ${en}`, zh: `${name}：${zh}` };
  }
}

const faultsOf = (error: unknown): readonly SettingFault[] =>
  error instanceof SettingsError ? error.faults : [];

function thrownBy(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}
