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
}

/** Sends the file and then shows its batch. */
export function SendBar({ file, choice, onProfile, isReady }: Props) {
  const { busy, error, run } = useTask();
  const [percent, setPercent] = useState(0);
  const ending = useRef<AbortController | null>(null);
  useEffect(() => () => ending.current?.abort(), []);
  const sendFile = () =>
    run(async () => {
      const control = new AbortController();
      ending.current = control;
      const onProgress = (sent: number, total: number) => setPercent(Math.floor((sent / total) * 100));
      const id = await sendBatch(file, { ...choice, onProgress, signal: control.signal });
      navigate(`batches/${id}`);
    });
  return (
    <section class="send-bar">
      {error !== null && <ProblemNotice error={error} />}
      <ProfileChoice value={choice.profile} onChange={onProfile} />
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
