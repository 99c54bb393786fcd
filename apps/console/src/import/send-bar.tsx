import { useEffect, useRef, useState } from 'preact/hooks';
import { t } from '../messages/say.js';
import { ProblemNotice } from '../parts/notice.js';
import { useTask } from '../parts/use-task.js';
import { navigate } from '../state/route.js';
import { ProfileChoice } from '../upload/profile-choice.js';
import { sendBatch } from './send-batch.js';
import type { Choice } from './use-check.js';

interface Props {
  file: File;
  choice: Choice;
  onProfile: (name: string) => void;
  isReady: boolean;
  /** Whether it is a report of ours, in which most rows are published already. */
  isReport: boolean;
}

/** Sends the file and then shows its batch. */
export function SendBar({ file, choice, onProfile, isReady, isReport }: Props) {
  const { busy, error, run } = useTask();
  const [percent, setPercent] = useState(0);
  const [checked, setChecked] = useState<boolean | null>(null);
  const reuses = checked ?? isReport;
  const ending = useRef<AbortController | null>(null);
  useEffect(() => () => ending.current?.abort(), []);
  const sendFile = () =>
    run(async () => {
      const control = new AbortController();
      ending.current = control;
      const onProgress = (sent: number, total: number) => setPercent(Math.floor((sent / total) * 100));
      const { signal } = control;
      const id = await sendBatch(file, { ...choice, reuses, onProgress, signal });
      navigate(`batches/${id}`);
    });
  return (
    <section class="send-bar">
      {error !== null && <ProblemNotice error={error} />}
      <ProfileChoice value={choice.profile} onChange={onProfile} />
      <label class="reuse">
        <input
          type="checkbox"
          checked={reuses}
          onChange={({ currentTarget }) => setChecked(currentTarget.checked)}
        />
        <span>
          {t('import.reuse')}
          <small class="soft">{t('import.reuse-help')}</small>
        </span>
      </label>
      <button type="button" class="primary" disabled={busy || !isReady} onClick={sendFile}>
        {t('import.send')}
      </button>
      {busy && (
        <p class="soft" role="status">
          {percent < 100 ? t('import.sending', { percent }) : t('import.staging')}
        </p>
      )}
    </section>
  );
}
