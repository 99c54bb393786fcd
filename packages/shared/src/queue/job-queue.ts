import type { JobFlow } from './job-order.js';

/** One run of an image. */
export interface ImageRun {
  id: string;
  run: number;
  /** Whether the image belongs to a batch: batches have separate queues. */
  isItem: boolean;
}

/** A run that needs its next job. */
export interface NextRun extends ImageRun, JobFlow {
  needsSource: boolean;
}

/** What a job of an owner is about. */
interface Subject {
  id: string;
  owner: string;
}

export interface JobQueue {
  /**
   * Adds the next job of the image's run unless the queue has it: to fetch the source if it is missing, else to process it.
   * Owners take turns, and so do the batches of one owner.
   */
  enqueue(next: NextRun): Promise<void>;
  /** Begins the next pass over a batch, in its owner's turn. */
  expand(batch: Subject): Promise<void>;
  delete(imageId: string, owner: string): Promise<void>;
  /** Sends the due deliveries of a webhook endpoint at once. */
  deliver(endpointId: string, owner: string): Promise<void>;
  /** Sends failed webhook deliveries again. */
  recover(recovery: Subject): Promise<void>;
  /** Retries failed images. */
  retryFailures(request: Subject): Promise<void>;
  /** Whether a worker is processing this run, or died while it did and the queue has not noticed. */
  isRunning(run: ImageRun): Promise<boolean>;
  /** The number of single images that wait for a worker; the items of batches are served after them. */
  waiting(): Promise<number>;
  /** Ends all delays (of jobs, the sweep, the check for stalled jobs) after the wall clock was set back. */
  endDelays(): Promise<void>;
  /** Stops the workers from taking jobs that fetch or process images, or lets them continue. */
  setPaused(isPaused: boolean): Promise<void>;
  /** Schedules `sweep` every `everyMs`, once for all processes. */
  scheduleSweep(everyMs: number): Promise<void>;
  close(): Promise<void>;
}
