import { useEffect, useRef, useState } from 'preact/hooks';
import { t } from '../messages/say.js';

interface Props {
  name: string;
  onRename: (name: string) => void;
  onClose: () => void;
}

/** Asks for the name of a batch. */
export function Rename({ name, onRename, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [text, setText] = useState(name);
  useEffect(() => dialog.current?.showModal(), []);
  const close = () => dialog.current?.close();
  return (
    <dialog ref={dialog} onClose={onClose} aria-labelledby="rename-title">
      <h2 id="rename-title">{t('batch.rename')}</h2>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          close();
          onRename(text);
        }}
      >
        <label>
          {t('batch.name')}
          <input
            required
            maxLength={255}
            value={text}
            onInput={({ currentTarget }) => setText(currentTarget.value)}
          />
        </label>
        <div class="actions end">
          <button type="button" onClick={close}>
            {t('go-back')}
          </button>
          <button type="submit" class="primary">
            {t('batch.rename')}
          </button>
        </div>
      </form>
    </dialog>
  );
}
