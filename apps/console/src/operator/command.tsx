import { t } from '../messages/say.js';
import { CopyButton } from '../parts/copy-button.js';

/** The command that shows or does the same as a view. */
export function Command({ command }: { command: string }) {
  return (
    <div class="command">
      <span class="soft">{t('operator.command')}</span>
      <code tabIndex={0}>{command}</code>
      <CopyButton text={command} name={t('copy')} />
    </div>
  );
}
