import type { Scope } from '@pixdock/contract/scope';
import { useEffect, useRef } from 'preact/hooks';
import { BatchList } from './batches/batch-list.js';
import { BatchView } from './batches/batch-view.js';
import { Header } from './frame/header.js';
import { SignIn } from './frame/sign-in.js';
import { Gallery } from './images/gallery.js';
import { ImageView } from './images/image-view.js';
import { ImportView } from './import/import-view.js';
import { t } from './messages/say.js';
import { OperatorView } from './operator/operator-view.js';
import { Empty } from './parts/notice.js';
import { ReviewView } from './review/review-view.js';
import { addressOf, route, SCOPE_OF_VIEW } from './state/route.js';
import { apiKey, may } from './state/session.js';
import { UploadView } from './upload/upload-view.js';

export function App() {
  const isSignedIn = apiKey.value !== null;
  const main = useFocusOnView();
  return (
    <>
      <a class="skip" href="#main" onClick={(event) => skipTo(event, main.current)}>
        {t('nav.skip')}
      </a>
      <Header />
      <main id="main" ref={main} tabIndex={-1}>
        {isSignedIn ? <View /> : <SignIn />}
      </main>
    </>
  );
}

function View() {
  const { view, id } = route.value;
  const scope = (SCOPE_OF_VIEW as Partial<Record<string, Scope>>)[view];
  // The first view is for those who may submit; a key that may only read begins with the images.
  if (view === '' && !may('submit') && may('read')) return <Gallery />;
  if (scope !== undefined && !may(scope))
    return <Empty icon="alert" title={t('no-right', { scope })} hint={t('no-right.hint')} />;
  if (view === '') return <UploadView />;
  if (view === 'images') return id === null ? <Gallery /> : <ImageView key={id} id={id} />;
  if (view === 'batches') return id === null ? <BatchList /> : <BatchView key={id} id={id} />;
  if (view === 'import') return <ImportView />;
  if (view === 'review') return <ReviewView />;
  if (view === 'operator') return <OperatorView />;
  return (
    <Empty icon="alert" title={t('not-found')}>
      <a class="button" href={addressOf('')}>
        {t('not-found.home')}
      </a>
    </Empty>
  );
}

/** Moves the focus to a new view, so that a screen reader reads its heading, and names it in the title. */
function useFocusOnView() {
  const main = useRef<HTMLElement>(null);
  const { view, id } = route.value;
  const isFirst = useRef(true);
  useEffect(() => {
    const heading = main.current?.querySelector('h1') ?? null;
    document.title = heading === null ? 'Pixdock' : `${heading.textContent} · Pixdock`;
    if (!isFirst.current) (heading ?? main.current)?.focus();
    isFirst.current = false;
    scrollTo(0, 0);
  }, [view, id]);
  return main;
}

/** The fragment of the address is the view. */
function skipTo(event: Event, main: HTMLElement | null): void {
  event.preventDefault();
  main?.focus();
}
