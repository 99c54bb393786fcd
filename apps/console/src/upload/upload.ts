import { type Image, PixdockApiError } from '@pixdock/client';
import { mayRetry } from '@pixdock/contract/error-table';
import { isDeletedStatus } from '@pixdock/contract/status';
import { type Signal, signal } from '@preact/signals';
import type { Picked } from './pick-files.js';

type UploadState =
  | 'waiting'
  | 'checking'
  | 'known'
  | 'sending'
  | 'accepted'
  | 'published'
  | 'failed'
  | 'refused'
  | 'paused'
  | 'canceled';

/** A resumable upload on the server. */
export interface Resume {
  url: string;
  /** The key that created it: only its owner may remove it, perhaps after a sign-out. */
  apiKey: string;
}

/** One file on its way to the server. */
export interface Upload extends Picked {
  id: number;
  profile: string;
  /** The same for all tries, so that a lost response creates no second image. */
  idempotencyKey: string;
  /** Where the file continues after a pause; null before its first bytes. */
  resume: Resume | null;
  /** Sent even if the server has the file. */
  isForced: boolean;
  state: Signal<UploadState>;
  sentBytes: Signal<number>;
  image: Signal<Image | null>;
  /** The refusal, or why the upload waits for its next try. */
  error: Signal<Error | null>;
}

let lastId = 0;

export function newUpload(picked: Picked, profile: string): Upload {
  lastId++;
  return {
    ...picked,
    id: lastId,
    profile,
    idempotencyKey: newIdempotencyKey(),
    resume: null,
    isForced: false,
    state: signal<UploadState>('waiting'),
    sentBytes: signal(0),
    image: signal<Image | null>(null),
    error: signal<Error | null>(null),
  };
}

/** `crypto.randomUUID` exists only on https and on localhost. */
export const newIdempotencyKey = () => crypto.getRandomValues(new Uint32Array(4)).join('-');

const FINISHED: readonly UploadState[] = ['known', 'published', 'failed', 'refused', 'canceled'];
const PROBLEMS: readonly UploadState[] = ['failed', 'refused'];

export const isFinished = ({ state }: Upload) => FINISHED.includes(state.value);
export const hasProblem = ({ state }: Upload) => PROBLEMS.includes(state.value);

/** Whether the server lost the source of a failed image, so that only the file can help. */
export const lacksSource = ({ image }: Upload) => image.value?.error?.code === 'source_lost';

/** Whether another try may end otherwise although the file stays the same, if need be after a repair on the server. */
export function canRetry(upload: Upload): boolean {
  const { state, image, error } = upload;
  if (state.value === 'failed') return mayRetry(image.value?.error?.code ?? '') || lacksSource(upload);
  if (state.value !== 'refused') return false;
  const { value } = error;
  return (
    !(value instanceof PixdockApiError) ||
    value.retryable ||
    mayRetry(value.code) ||
    RIGHTS.includes(value.code)
  );
}

/** Refusals that end once the operator changes the key. */
const RIGHTS = ['unauthorized', 'forbidden'];

/** Whether an upload is not at the server yet. */
export const canStop = ({ state }: Upload) =>
  ['waiting', 'checking', 'sending', 'paused'].includes(state.value);

/** Takes over the state of its image. */
export function follow(upload: Upload, image: Image): void {
  upload.image.value = image;
  if (image.status === 'published' || image.status === 'failed') upload.state.value = image.status;
  else if (image.status === 'canceled' || isDeletedStatus(image.status)) upload.state.value = 'canceled';
  else upload.state.value = 'accepted';
}
