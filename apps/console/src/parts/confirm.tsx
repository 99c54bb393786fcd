import { useEffect, useRef } from 'preact/hooks';
import { t } from '../messages/say.js';

interface Props {
  title: string;
  effect: string;
  action: string;
  onConfirm: () => void;
  onClose: () => void;
}

/** Explains the effect of an action before it happens. */
export function Confirm({ title, effect, action, onConfirm, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const confirm = () => {
    dialog.current?.close();
    onConfirm();
  };
  return (
    <dialog ref={dialog} onClose={onClose} aria-labelledby="confirm-title">
      <h2 id="confirm-title">{title}</h2>
      <p>{effect}</p>
      <div class="actions end">
        <button type="button" onClick={() => dialog.current?.close()}>
          {t('go-back')}
        </button>
        <button type="button" class="danger" onClick={confirm}>
          {action}
        </button>
      </div>
    </dialog>
  );
}
