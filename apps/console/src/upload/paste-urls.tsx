import { useEffect, useRef, useState } from 'preact/hooks';
import { t } from '../messages/say.js';
import { ProblemNotice } from '../parts/notice.js';
import { useTask } from '../parts/use-task.js';
import { navigate } from '../state/route.js';
import { currentClient } from '../state/session.js';
import { findUrls } from './find-urls.js';
import { chosenProfile } from './page-queue.js';

/** Imports URLs from pasted text: one as an image, several as a batch. */
export function PasteUrls({ initial, onClose }: { initial: string; onClose: () => void }) {
  const [text, setText] = useState(initial);
  const area = useRef<HTMLTextAreaElement>(null);
  const { busy, error, run } = useTask();
  useEffect(() => area.current?.focus(), []);
  useEffect(() => setText(initial), [initial]);
  const { urls, repeated } = findUrls(text);
  const [only] = urls;
  const importAll = async () => {
    const profile = chosenProfile.value;
    if (only !== undefined && urls.length === 1) {
      const { id } = await currentClient().images.importUrl(only, { profile });
      navigate(`images/${id}`);
      return;
    }
    const items = urls.map((url) => ({ url }));
    const { id } = await currentClient().batches.create(items, { profile });
    navigate(`batches/${id}`);
  };
  return (
    <section class="panel padded">
      <h2>{t('urls.title')}</h2>
      <div class="field">
        <label for="urls">{t('urls.label')}</label>
        <textarea
          id="urls"
          ref={area}
          rows={6}
          spellcheck={false}
          value={text}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
      </div>
      {error !== null && <ProblemNotice error={error} />}
      <div class="actions">
        <button
          type="button"
          class="primary"
          disabled={busy || urls.length === 0}
          onClick={() => run(importAll)}
        >
          {t('urls.import')}
        </button>
        <button type="button" onClick={onClose}>
          {t('close')}
        </button>
        <span class="soft" role="status">
          {t('urls.found', { count: urls.length })}
          {repeated > 0 && t('urls.repeated', { count: repeated })}
        </span>
      </div>
    </section>
  );
}
