import { asError } from '@pixdock/shared/runtime/as-error';
import { nowMs, sleep } from '@pixdock/shared/runtime/clock';
import { whenAllEnd } from '@pixdock/shared/runtime/in-groups';
import { openTurns } from '@pixdock/shared/runtime/turns';
import type { OutboxEntry } from '@pixdock/shared/state/webhooks/outbox-entry';
import type { WebhookTarget } from '@pixdock/shared/state/webhooks/webhook-target';
import type { Parts } from '../deps.js';

/** For the events of the API and of workers that were killed: a worker wakes its own relay. */
const POLL_MS = 2000;
/** Between two searches for deliveries that are due without a job: a delivery may be added while its job ends. */
const OVERDUE_EVERY_MS = 5000;
/** How long an event that this version cannot read waits for a newer worker: a deploy may be rolled back and repeated. */
const UNREADABLE_KEPT_MS = 24 * 3600_000;

type Deps = Parts<'outbox' | 'endpoints' | 'deliveries' | 'queue' | 'events' | 'log'>;

export interface Relay {
  /** Looks for events at once. */
  wake(): void;
  stop(): Promise<void>;
}

/**
 * Makes deliveries of the events in the outboxes, and starts the jobs that send them, until `stop`. Owners take turns by the
 * seconds that their events take.
 */
export function startRelay(deps: Deps): Relay {
  const stopping = new AbortController();
  let wake = new AbortController();
  const ended = Promise.all([relay(), searchOverdue()]);
  return {
    wake: () => wake.abort(),
    async stop() {
      stopping.abort();
      wake.abort();
      await ended;
    },
  };

  async function relay(): Promise<void> {
    const turns = openTurns();
    let hasLeftSome = false;
    while (!stopping.signal.aborted) {
      wake = new AbortController();
      try {
        await relayAll();
      } catch (error) {
        deps.log.debug({ err: asError(error) }, 'webhooks cannot be relayed yet');
      }
      await sleep(POLL_MS, wake.signal);
    }

    /** Relays some events of one owner after another, until no owner has more or there are new ones. */
    async function relayAll(): Promise<void> {
      const finished = new Set<string>();
      for (;;) {
        const { owners, epoch } = await deps.outbox.owners();
        const owner = turns.next(owners.filter((one) => !finished.has(one)));
        if (owner === null) return;
        const began = performance.now();
        const { relayed, left } = await relaySome(deps, owner, epoch);
        turns.add(owner, (performance.now() - began) / 1000);
        if (relayed === 0) finished.add(owner);
        if (left.length > 0 && !hasLeftSome) {
          hasLeftSome = true;
          deps.log.warn({ ids: left }, 'left to a newer worker: not known to this version');
        }
        // An owner that had no more may have some now.
        if (wake.signal.aborted) return;
      }
    }
  }

  /** Runs beside the relay, because a search over a thousand endpoints takes seconds. */
  async function searchOverdue(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        for (const { endpointId, owner } of await deps.deliveries.overdue()) {
          if (stopping.signal.aborted) return;
          await deps.queue.deliver(endpointId, owner);
        }
      } catch (error) {
        deps.log.debug({ err: asError(error) }, 'overdue webhooks cannot be searched yet');
      }
      await sleep(OVERDUE_EVERY_MS, stopping.signal);
    }
  }
}

/**
 * Returns how many events of an owner it relayed, and the ids of those that it left. An event stays in the outbox until all its
 * deliveries are stored.
 */
export async function relaySome(
  {
    outbox,
    endpoints,
    deliveries,
    queue,
    events,
    log,
  }: Parts<'outbox' | 'endpoints' | 'deliveries' | 'queue' | 'events' | 'log'>,
  owner: string,
  epoch: number,
): Promise<{
  relayed: number;
  left: string[];
}> {
  const due = new Set<string>();
  const done: string[] = [];
  const left: string[] = [];
  let dropped = 0;

  async function addDeliveries({ isItem, event, webhook }: OutboxEntry): Promise<void> {
    const subscribed = await endpoints.subscribed(owner, event.type, isItem);
    const targets: WebhookTarget[] = subscribed.map((endpointId) => ({ endpointId, url: null }));
    if (webhook !== null) targets.push(webhook);
    const lacked = await deliveries.add(owner, event, targets);
    dropped += lacked;
    for (const { endpointId } of targets) due.add(endpointId);
  }

  const readable: OutboxEntry[] = [];
  for (const { id, addedAt, entry } of await outbox.take(owner)) {
    if (entry === null && addedAt > nowMs() - UNREADABLE_KEPT_MS) {
      left.push(id);
      continue;
    }
    done.push(id);
    if (entry === null) log.error({ id }, 'an event in the outbox cannot be read');
    else readable.push(entry);
  }
  // Together, since another owner's events wait for the end.
  await whenAllEnd(readable.map(addDeliveries));
  if (dropped > 0) events.webhooksDropped(owner, dropped);
  await whenAllEnd([...due].map((endpointId) => queue.deliver(endpointId, owner)));
  await outbox.done(owner, done, epoch);
  return { relayed: done.length, left };
}
