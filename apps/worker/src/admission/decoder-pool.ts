import type { Permit } from './permit.js';

/** Urgent requests in a row while others wait. Then one of the others is served, so that they get at least a quarter. */
const URGENT_IN_A_ROW = 3;
/** How long a request waits before the newest lease of the owner with the most decoders is recalled. */
const PATIENCE_MS = 2000;

interface DecoderRequest {
  owner: string;
  /** Urgent requests are served first, apart from the quarter of the others. */
  isUrgent: boolean;
}

export interface Lease<T> extends Permit {
  decoder: T;
  /** Aborts when the holder must give the decoder back at once, because another owner waits. */
  recalled: AbortSignal;
}

export interface DecoderPool<T> {
  /**
   * Waits for a free decoder. Among requests of the same urgency, the owner who holds the fewest decoders is served first. When
   * an owner has waited for two seconds while another one holds at least two more decoders, the newest lease of the owner
   * with the most decoders is recalled.
   * @throws the signal's reason when that aborts
   */
  acquire(request: DecoderRequest, signal: AbortSignal): Promise<Lease<T>>;
}

interface Waiter<T> extends DecoderRequest {
  receive(lease: Lease<T>): void;
}

interface Held<T> {
  owner: string;
  recalling: AbortController;
  /** The request that the decoder was recalled for. */
  promisedTo: Waiter<T> | null;
}

/** Shares the decoders among owners. */
export function openDecoderPool<T>(decoders: readonly T[], patienceMs = PATIENCE_MS): DecoderPool<T> {
  const free = [...decoders];
  const waiters = new Set<Waiter<T>>();
  /** In the order in which they were taken. */
  const held = new Set<Held<T>>();
  let urgentInARow = 0;

  return {
    async acquire(request, signal) {
      signal.throwIfAborted();
      const decoder = free.pop();
      return decoder === undefined ? waitForOne(request, signal) : lend(decoder, request.owner);
    },
  };

  function lend(decoder: T, owner: string): Lease<T> {
    const own: Held<T> = { owner, recalling: new AbortController(), promisedTo: null };
    held.add(own);
    return {
      decoder,
      recalled: own.recalling.signal,
      [Symbol.dispose]() {
        if (!held.delete(own)) return;
        const { promisedTo } = own;
        const next = promisedTo !== null && waiters.has(promisedTo) ? promisedTo : nextWaiter();
        if (next === undefined) free.push(decoder);
        else next.receive(lend(decoder, next.owner));
      },
    };
  }

  function nextWaiter(): Waiter<T> | undefined {
    const urgent = [...waiters].filter((one) => one.isUrgent);
    const others = [...waiters].filter((one) => !one.isUrgent);
    const isUrgentsTurn = urgent.length > 0 && (others.length === 0 || urgentInARow < URGENT_IN_A_ROW);
    urgentInARow = isUrgentsTurn && others.length > 0 ? urgentInARow + 1 : 0;
    const candidates = isUrgentsTurn ? urgent : others;
    const fewest = Math.min(...candidates.map(({ owner }) => heldBy(owner)));
    return candidates.find(({ owner }) => heldBy(owner) === fewest);
  }

  function heldBy(owner: string): number {
    return [...held].filter((one) => one.owner === owner).length;
  }

  function waitForOne(request: DecoderRequest, signal: AbortSignal): Promise<Lease<T>> {
    return new Promise((resolve, reject) => {
      const end = () => {
        clearInterval(impatience);
        waiters.delete(waiter);
        signal.removeEventListener('abort', onAbort);
      };
      const onAbort = () => {
        end();
        reject(signal.reason);
      };
      const waiter: Waiter<T> = {
        ...request,
        receive(lease) {
          end();
          resolve(lease);
        },
      };
      const impatience = setInterval(() => recallFor(waiter), patienceMs);
      waiters.add(waiter);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  /**
   * Recalls the newest lease of the owner with the most decoders, since it has the least work to lose. Only an owner who keeps
   * at least as many as the waiting one then has must give one back, and each request has one decoder recalled for it.
   */
  function recallFor(waiter: Waiter<T>): void {
    const leases = [...held];
    if (leases.some(({ promisedTo }) => promisedTo === waiter)) return;
    const counts = new Map<string, number>();
    for (const owner of leases.map(futureOwner)) counts.set(owner, (counts.get(owner) ?? 0) + 1);
    const most = Math.max(...counts.values());
    if (most < (counts.get(waiter.owner) ?? 0) + 2) return;
    const newest = leases.findLast((one) => one.promisedTo === null && counts.get(one.owner) === most);
    if (newest === undefined) return;
    newest.promisedTo = waiter;
    newest.recalling.abort();
  }

  /** The owner that a decoder belongs to once its recall is done. */
  function futureOwner({ owner, promisedTo }: Held<T>): string {
    return promisedTo !== null && waiters.has(promisedTo) ? promisedTo.owner : owner;
  }
}
