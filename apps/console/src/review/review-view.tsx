import type { Image } from '@pixdock/client';
import { useEffect, useLayoutEffect, useMemo, useState } from 'preact/hooks';
import { nameOf } from '../images/name-of.js';
import { t } from '../messages/say.js';
import { formatCount, formatTime } from '../parts/format.js';
import { Icon } from '../parts/icon.js';
import { Empty, Loading, ProblemNotice } from '../parts/notice.js';
import { useObjectUrl } from '../parts/use-object-url.js';
import { usePolled } from '../parts/use-polled.js';
import { currentClient } from '../state/session.js';
import { take } from '../state/take.js';
import { type Choice, openDecisions } from './open-decisions.js';

/** Images per read of the list. */
const SHOWN = 100;
const PAUSE_MS = 3000;
/** Number of pictures to preload. */
const AHEAD = 2;

/** The review queue, one picture at a time. */
export function ReviewView() {
  const { value: held, error } = usePolled(() => readQueue, PAUSE_MS);
  const decisions = useMemo(() => openDecisions((id, choice) => currentClient().images[choice](id)), []);
  useEffect(() => {
    addEventListener('pagehide', decisions.flush);
    return () => {
      removeEventListener('pagehide', decisions.flush);
      decisions.flush();
    };
  }, []);
  const made = decisions.made.value;
  const chosen = new Set(made.map(({ id }) => id));
  const waiting = (held?.found ?? []).filter(({ id }) => !chosen.has(id));
  const [current] = waiting;
  const pictures = usePictures(waiting.slice(0, 1 + AHEAD));
  const picture = current === undefined ? null : (pictures.get(current.id) ?? null);
  // A picture that is still loading cannot be decided on.
  const mayChoose = (choice: Choice) => (choice === 'skip' ? current !== undefined : picture !== null);
  const choose = (choice: Choice) =>
    current !== undefined && mayChoose(choice) && decisions.make(current.id, choice);
  useKeys({
    a: () => choose('approve'),
    r: () => choose('reject'),
    s: () => choose('skip'),
    z: decisions.undo,
  });
  const count = (choice: Choice) => formatCount(made.filter((one) => one.choice === choice).length);
  const isUndoable = made.some(({ isSent }) => !isSent);

  return (
    <section class="review-view">
      <header class="review-head">
        <h1 tabIndex={-1}>{t('review.title')}</h1>
        <p class="soft" role="status">
          {held !== null &&
            t('review.counts', {
              waiting: `${formatCount(waiting.length)}${held.isDone ? '' : '+'}`,
              approved: count('approve'),
              rejected: count('reject'),
              skipped: count('skip'),
            })}
        </p>
      </header>
      {error !== null && <ProblemNotice error={error} />}
      {decisions.error.value !== null && <ProblemNotice error={decisions.error.value} />}
      {held === null ? (
        error === null && <Loading />
      ) : current === undefined ? (
        <Empty icon="check" title={t('review.empty')} hint={t('review.empty.hint')} />
      ) : (
        <Held image={current} picture={picture} />
      )}
      <div class="review-bar">
        {(['reject', 'skip', 'approve'] as const).map((choice) => (
          <ChoiceButton key={choice} choice={choice} onChoose={choose} disabled={!mayChoose(choice)} />
        ))}
        <button type="button" disabled={!isUndoable} onClick={decisions.undo}>
          <Icon name="back" />
          {t('review.undo')}
          <kbd>Z</kbd>
        </button>
        {made.some(({ choice }) => choice === 'skip') && (
          <button type="button" class="quiet" onClick={decisions.unskip}>
            {t('review.unskip')}
          </button>
        )}
      </div>
    </section>
  );
}

const readQueue = (signal: AbortSignal) =>
  take(currentClient().images.list({ stage: 'reviewing', signal }), SHOWN);

const KEYS: Record<Choice, string> = { approve: 'A', reject: 'R', skip: 'S' };

function ChoiceButton({
  choice,
  onChoose,
  disabled,
}: {
  choice: Choice;
  onChoose: (choice: Choice) => void;
  disabled: boolean;
}) {
  const look = choice === 'approve' ? 'primary' : choice === 'reject' ? 'danger' : '';
  return (
    <button type="button" class={look} disabled={disabled} onClick={() => onChoose(choice)}>
      {t(`review.${choice}`)}
      <kbd>{KEYS[choice]}</kbd>
    </button>
  );
}

function Held({ image, picture }: { image: Image; picture: Blob | null }) {
  const url = useObjectUrl(picture);
  const { owner, profile, source, review, metadata } = image;
  const reasons = review?.reasons ?? [];
  return (
    <article class="review-image">
      <figure>{url === null ? <Loading /> : <img src={url} alt={t('image.alt')} />}</figure>
      <div class="review-facts">
        <h2>{nameOf(image)}</h2>
        <p class="soft">
          {[owner, profile, source.filename, formatTime(review?.heldAt ?? image.updatedAt)]
            .filter((fact) => fact !== null && fact !== nameOf(image))
            .join(' · ')}
        </p>
        {Object.entries(metadata).map(([key, value]) => (
          <p key={key} class="soft">
            {key}: {value}
          </p>
        ))}
        <ul>
          {reasons.map(({ label, score, text }) => (
            <li key={label}>
              <strong>{label}</strong>
              {score !== null && ` ${score}`}
              {text !== null && `: ${text}`}
            </li>
          ))}
        </ul>
      </div>
    </article>
  );
}

/** Loads the pictures of images one after the other, in order. */
function usePictures(images: readonly Image[]): ReadonlyMap<string, Blob> {
  const [pictures, setPictures] = useState<ReadonlyMap<string, Blob>>(new Map());
  const ids = images.map(({ id }) => id);
  useEffect(() => {
    const closing = new AbortController();
    const { signal } = closing;
    const load = async () => {
      for (const id of ids) {
        if (pictures.has(id)) continue;
        const stream = await currentClient().images.content(id, { signal });
        const blob = await new Response(stream).blob();
        if (signal.aborted) return;
        setPictures((loaded) => new Map([...loaded].filter(([one]) => ids.includes(one))).set(id, blob));
      }
    };
    // Somebody else may have decided meanwhile.
    load().catch(() => {});
    return () => closing.abort();
  }, [ids.join()]);
  return pictures;
}

/** Runs the action of a key, unless an input field has the focus or the key is a browser shortcut. */
function useKeys(actions: Readonly<Record<string, () => void>>): void {
  // An effect would come after the next image is drawn, and a key before it would be for the image before.
  useLayoutEffect(() => {
    const onKey = ({ key, ctrlKey, metaKey, altKey, target, repeat }: KeyboardEvent) => {
      const isTyped = target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
      if (isTyped || ctrlKey || metaKey || altKey || repeat) return;
      actions[key.toLowerCase()]?.();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  });
}
