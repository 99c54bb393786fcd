import type { Image, Pixdock } from '@pixdock/client';
import { isDeletedStatus } from '@pixdock/contract/status';
import { useEffect, useRef, useState } from 'preact/hooks';
import { listen, withNewer } from '../state/live.js';
import { client } from '../state/session.js';
import { take } from '../state/take.js';
import { type Filter, requestsOf } from './filter.js';

const PAGE = 48;

/** A list of images that grows by pages; changes of its images appear at once, and new images come to its top. */
export function useImageList(filter: Filter) {
  const [images, setImages] = useState<readonly Image[]>([]);
  const [isAtEnd, setIsAtEnd] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [round, setRound] = useState(0);
  const pages = useRef<AsyncGenerator<Image, void, undefined> | null>(null);
  const isLoading = useRef(false);
  const current = client.value;
  const filterText = JSON.stringify(filter);

  const loadMore = async () => {
    const list = pages.current;
    if (list === null || isLoading.current) return;
    isLoading.current = true;
    const { found, isDone } = await take(list, PAGE).catch((fault: unknown) => {
      if (pages.current === list) setError(fault);
      return { found: [], isDone: false };
    });
    isLoading.current = false;
    // Another filter was chosen meanwhile.
    if (pages.current !== list) return;
    setImages((shown) => [...shown, ...found.filter(({ id }) => !shown.some((one) => one.id === id))]);
    setIsAtEnd(isDone);
  };

  useEffect(() => {
    if (current === null) return;
    const ending = new AbortController();
    pages.current = imagesOf(current, JSON.parse(filterText), ending.signal);
    isLoading.current = false;
    setImages([]);
    setIsAtEnd(false);
    setError(null);
    void loadMore();
    return () => ending.abort();
  }, [current, filterText, round]);

  useEffect(
    () =>
      listen({
        image: (changed) => setImages((shown) => withChange(shown, changed, filterText === '{}')),
        gap: () => setRound((last) => last + 1),
      }),
    [filterText],
  );

  return {
    images: images.filter((image) => isListed(image, filter)),
    isAtEnd,
    error,
    loadMore: () => void loadMore(),
    reload: () => setRound((last) => last + 1),
  };
}

async function* imagesOf(
  { images }: Pixdock,
  filter: Filter,
  signal: AbortSignal,
): AsyncGenerator<Image, void, undefined> {
  const known = new Set<string>();
  for (const request of requestsOf(filter))
    for await (const image of images.list({ ...request, signal })) {
      if (known.has(image.id) || !isListed(image, filter)) continue;
      known.add(image.id);
      yield image;
    }
}

/** Nothing remains of a deleted image but its status. */
const isListed = ({ status }: Image, filter: Filter) => !isDeletedStatus(status) || filter.status === status;

function withChange(shown: readonly Image[], changed: Image, takesNew: boolean): readonly Image[] {
  const [newest] = shown;
  const isNew =
    takesNew && changed.batchId === null && (newest === undefined || changed.createdAt >= newest.createdAt);
  return withNewer(shown, changed) ?? (isNew ? [changed, ...shown] : shown);
}
