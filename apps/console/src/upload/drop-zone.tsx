import { useEffect, useRef, useState } from 'preact/hooks';
import { t } from '../messages/say.js';
import { Icon } from '../parts/icon.js';
import { chosenProfile } from './page-queue.js';
import { pickChosen, pickDropped, type Selection } from './pick-files.js';
import { ProfileChoice } from './profile-choice.js';

interface Props {
  onPick: (selection: Selection) => void;
  onUrls: () => void;
  /** Once there are uploads, the list needs the room. */
  isSmall: boolean;
}

export function DropZone({ onPick, onUrls, isSmall }: Props) {
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const isOver = useDrops(onPick);
  const choose = (input: HTMLInputElement) => {
    onPick(pickChosen(input.files));
    // The same file can be chosen again.
    input.value = '';
  };
  return (
    <section class={`drop-zone${isOver ? ' over' : ''}${isSmall ? ' small' : ''}`}>
      <Icon name="upload" />
      <p class="drop-title">{t(isOver ? 'upload.drop-now' : 'upload.drop')}</p>
      <p class="soft">{t('upload.drop-hint')}</p>
      <div class="actions">
        <button type="button" class="primary" onClick={() => files.current?.click()}>
          {t('upload.choose')}
        </button>
        <button type="button" onClick={() => folder.current?.click()}>
          <Icon name="folder" />
          {t('upload.folder')}
        </button>
        <button type="button" onClick={onUrls}>
          <Icon name="link" />
          {t('upload.urls')}
        </button>
      </div>
      <ProfileChoice value={chosenProfile.value} onChange={(name) => (chosenProfile.value = name)} />
      <input ref={files} type="file" multiple hidden onChange={(event) => choose(event.currentTarget)} />
      <input
        ref={(input) => {
          folder.current = input;
          input?.setAttribute('webkitdirectory', '');
        }}
        type="file"
        hidden
        onChange={(event) => choose(event.currentTarget)}
      />
    </section>
  );
}

/** Takes drops anywhere on the page. @returns whether something is held over it */
function useDrops(onPick: (selection: Selection) => void): boolean {
  const [isOver, setIsOver] = useState(false);
  useEffect(() => {
    const over = (event: DragEvent) => {
      event.preventDefault();
      setIsOver(true);
    };
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setIsOver(false);
    };
    const drop = (event: DragEvent) => {
      event.preventDefault();
      setIsOver(false);
      if (event.dataTransfer !== null) void pickDropped(event.dataTransfer).then(onPick);
    };
    addEventListener('dragover', over);
    addEventListener('dragleave', leave);
    addEventListener('drop', drop);
    return () => {
      removeEventListener('dragover', over);
      removeEventListener('dragleave', leave);
      removeEventListener('drop', drop);
    };
  });
  return isOver;
}
