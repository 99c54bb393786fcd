import type { Image, PixdockApiError } from '@pixdock/client';
import { signal } from '@preact/signals';
import type { Picked } from './pick-files.js';
import { repeatWhileAway } from './repeat-while-away.js';
import {
  canStop,
  follow,
  isFinished,
  lacksSource,
  newIdempotencyKey,
  newUpload,
  type Upload,
} from './upload.js';

/** The calls that the queue makes to the server. */
export interface UploadServer {
  /** The image that the server already has for this file, if any. */
  findKnown(upload: Upload, signal: AbortSignal): Promise<Image | null>;
  /** Sends the file and returns its image. @throws PixdockApiError */
  send(upload: Upload, onProgress: (sentBytes: number) => void, signal: AbortSignal): Promise<Image>;
  /** Removes the bytes of an upload that does not continue. */
  discard(upload: Upload): void;
  /** Processes a failed image again. @throws PixdockApiError */
  retry(image: Image): Promise<Image>;
}

/** Browsers open at most six connections to a server; the rest is for streams and reads. */
const UPLOADS_AT_ONCE = 3;

/** Sends files, a few at a time. A lost connection or a busy server only delays an upload. */
export function openUploadQueue(server: UploadServer) {
  const uploads = signal<readonly Upload[]>([]);
  const isPaused = signal(false);
  const running = new Map<Upload, AbortController>();

  function pump(): void {
    if (isPaused.value) return;
    for (const upload of uploads.value) {
      if (running.size >= UPLOADS_AT_ONCE) return;
      if (upload.state.value === 'waiting' && !running.has(upload)) void run(upload);
    }
  }

  async function run(upload: Upload): Promise<void> {
    const control = new AbortController();
    running.set(upload, control);
    try {
      await attempt(upload, control.signal);
    } catch (error) {
      // An abort has set the state already.
      if (!control.signal.aborted) refuse(upload, error);
    } finally {
      running.delete(upload);
      pump();
    }
  }

  async function attempt(upload: Upload, ending: AbortSignal): Promise<void> {
    upload.error.value = null;
    if (!upload.isForced) {
      upload.state.value = 'checking';
      const known = await repeatWhileAway(upload, ending, () => server.findKnown(upload, ending));
      if (known !== null) {
        upload.image.value = known;
        upload.state.value = 'known';
        return;
      }
    }
    const image = await repeatWhileAway(upload, ending, () => {
      upload.state.value = 'sending';
      return server.send(upload, (bytes) => (upload.sentBytes.value = bytes), ending);
    });
    upload.sentBytes.value = upload.file.size;
    follow(upload, image);
  }

  return {
    uploads,
    isPaused,

    add(files: readonly Picked[], profile: string): void {
      uploads.value = [...uploads.value, ...files.map((picked) => newUpload(picked, profile))];
      pump();
    },

    pauseAll(): void {
      isPaused.value = true;
      for (const upload of running.keys()) hold(upload, 'waiting');
    },
    resumeAll(): void {
      isPaused.value = false;
      pump();
    },
    pause: (upload: Upload) => hold(upload, 'paused'),
    resume(upload: Upload): void {
      upload.state.value = 'waiting';
      pump();
    },

    cancel,
    cancelAll(): void {
      for (const upload of uploads.value) if (canStop(upload)) cancel(upload);
    },

    retry(upload: Upload): void {
      const image = upload.image.value;
      if (image?.status === 'failed' && !lacksSource(upload)) {
        server.retry(image).then(
          (retried) => follow(upload, retried),
          (error: unknown) => refuse(upload, error),
        );
        return;
      }
      server.discard(upload);
      upload.image.value = null;
      upload.idempotencyKey = newIdempotencyKey();
      upload.resume = null;
      upload.state.value = 'waiting';
      pump();
    },
    /** Sends a file although the server has it. */
    sendAnyway(upload: Upload): void {
      upload.isForced = true;
      upload.image.value = null;
      upload.state.value = 'waiting';
      pump();
    },

    /** Removes the bytes of all files that have not arrived, for a page that ends. */
    discardAll(): void {
      for (const upload of uploads.value) if (canStop(upload)) server.discard(upload);
    },

    clearFinished(): void {
      uploads.value = uploads.value.filter((upload) => !isFinished(upload));
    },

    /** Takes over a newer state of an image. */
    update(image: Image): void {
      const upload = uploads.value.find((one) => one.image.value?.id === image.id);
      if (upload !== undefined && (upload.image.value?.version ?? 0) < image.version) follow(upload, image);
    },
  };

  function cancel(upload: Upload): void {
    hold(upload, 'canceled');
    server.discard(upload);
  }

  function refuse(upload: Upload, error: unknown): void {
    upload.error.value = error as PixdockApiError | Error;
    upload.state.value = 'refused';
    // Another try begins with another upload.
    server.discard(upload);
  }

  function hold(upload: Upload, state: 'waiting' | 'paused' | 'canceled'): void {
    upload.state.value = state;
    upload.error.value = null;
    running.get(upload)?.abort();
  }
}
