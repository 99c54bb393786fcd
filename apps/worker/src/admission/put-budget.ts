import type { Permit } from './permit.js';

const MIB = 1024 ** 2;
/**
 * Outputs in memory per lane. A lane renders about 5 images a second. With OSS at 1 s and two puts in a row, 10 images of
 * 1 to 2 MiB are being put.
 */
const BYTES_PER_LANE = 32 * MIB;
/** A lane renders 30 small images a second. Each takes a socket or more, and a lock that is renewed. */
const PUTS_PER_LANE = 32;
/**
 * For these images, for the 16 that have the slots of a lane, and for variants that are put at the same time. A put that waits
 * 10 s for a socket counts as a fault of OSS.
 */
const SOCKETS_PER_LANE = 64;
/** A put that takes no longer keeps the slot of its job: one more fetch from the queue would cost more than the wait. */
const SLOW_MS = 100;

export interface PutBudget {
  /**
   * For the time in which an image is put. Calls `freeSlot` once the puts are slow and the bytes fit into the budget. An image
   * that does not fit is put as well, and keeps its slot.
   */
  acquire(bytes: number, freeSlot: () => void): Permit;
  /**
   * A request to put has ended. Slots are freed only while the latest one succeeded: an outage would otherwise find many images
   * rendered, whose outputs fill staging.
   */
  recordPut(isStored: boolean): void;
}

/** Sockets to OSS of a worker. */
export const socketsFor = (lanes: number): number => lanes * SOCKETS_PER_LANE;

/** Bounds the images that are put beside those with a slot, by the bytes of their outputs. */
export function openPutBudget(
  lanes: number,
  { maxBytes = lanes * BYTES_PER_LANE, maxImages = lanes * PUTS_PER_LANE, slowMs = SLOW_MS } = {},
): PutBudget {
  const waiting = new Set<Put>();
  const admitted = new Set<Put>();
  let admittedBytes = 0;
  let isWorking = false;

  function admitWaiting(): void {
    if (!isWorking) return;
    for (const put of waiting) {
      if (admitted.size >= maxImages) return;
      if (admittedBytes + put.bytes > maxBytes) continue;
      waiting.delete(put);
      admitted.add(put);
      admittedBytes += put.bytes;
      put.freeSlot();
    }
  }

  return {
    acquire(bytes, freeSlot) {
      const put: Put = { bytes, freeSlot };
      const timer = setTimeout(() => {
        waiting.add(put);
        admitWaiting();
      }, slowMs);
      return {
        [Symbol.dispose]() {
          clearTimeout(timer);
          waiting.delete(put);
          if (!admitted.delete(put)) return;
          admittedBytes -= bytes;
          admitWaiting();
        },
      };
    },
    recordPut(isStored) {
      isWorking = isStored;
      admitWaiting();
    },
  };
}

interface Put {
  bytes: number;
  freeSlot: () => void;
}
