import { PixdockError } from '@pixdock/contract/error';
import { faultpoint } from '@pixdock/shared/runtime/faultpoint';
import { inSpan } from '@pixdock/shared/runtime/trace';
import { bytesOnDisk } from '@pixdock/shared/state/files/disk-bytes';
import type { DoneClaim } from '@pixdock/shared/state/idempotency/stored-claim';
import type { Entry } from '@pixdock/shared/state/images/entry';
import type { WebhookTarget } from '@pixdock/shared/state/webhooks/webhook-target';
import type { ApiDeps } from '../deps.js';
import type { ApiContext } from '../http/env.js';
import type { Created } from '../http/resource.js';
import type { Warning } from '../http/warnings.js';
import type { UploadTokenRights } from '../keys/upload-token.js';
import type { Admission } from '../limits/batch-admission.js';
import type { DiskReservation, NewUpload } from '../limits/disk-quota.js';
import type { Versioned } from '../waits/shared-reads.js';
import { runOrDefer, whenRedisIsBack } from '../when-redis-is-back.js';
import { claimKey, expectSameRequest, type IdempotencyUse } from './idempotency.js';

/**
 * The steps of one of the four kinds of submission: an image or a batch, in a request or as a resumable upload. Headers and query
 * are checked before, by `imageInRequest` and `batchInRequest`.
 * @template S the state that readers see
 * @template E the entry in staging, from which everything else can be restored
 * @template A the files that are being received
 * @template R what is known of the body once it has come
 */
export interface SubmissionSteps<S extends Versioned, E, A extends Arrival<E>, R extends Received> {
  resource: 'image' | 'batch';
  owner: string;
  key: IdempotencyUse;
  /** Takes from the owner's limits. */
  admit(): Promise<Admission>;
  /** Bytes to reserve in staging. */
  space: Pick<NewUpload, 'declaredBytes' | 'firstBytes'>;
  /** The upload token whose uses the image counts for. */
  token: UploadTokenRights | null;
  /** @param received null while the body has not arrived, which may contain the `webhookUrl` */
  findWebhook(received: R | null): Promise<WebhookTarget | null>;
  arrive(id: string): Promise<A>;
  /** Receives the bytes and checks them. */
  receive(arrival: A, reservation: DiskReservation, admission: Admission): Promise<R>;
  /** Reads and checks the body without creating anything: what it stages is removed. For a repeat, or a dry run. */
  check(): Promise<R>;
  composeEntry(received: R, facts: NewEntry): E;
  /** The first state. */
  stateOf(entry: E): S;
  /** Stores the first state in Redis. */
  create(entry: E): Promise<unknown>;
  /** Removes the state unless another request has stored it. */
  forget(entry: E): Promise<void>;
  isSettled(state: S): boolean;
  enqueue(state: S): Promise<void>;
  /** Does what the server that accepted the submission may not have done, because it crashed. */
  resume(state: S): Promise<void>;
  noteAccepted(received: R): void;
  /** Reads the state that an earlier request has created. @throws PixdockError not_found once it has expired */
  read(id: string): Promise<S>;
}

/** Files in staging that are being received. Disposal removes them unless `keep` was called. */
export interface Arrival<E> extends AsyncDisposable {
  /** Makes them durable, with the entry. */
  commit(entry: E): Promise<void>;
  keep(): void;
}

/** Facts about bytes that have passed every check which needs no decoding. */
export interface Received {
  /** Equal for equal bytes and options. */
  fingerprint: string;
  /** Bytes that the submission adds to the disk of staging, without its entry. */
  stagedBytes: number;
  warnings: readonly Warning[];
}

/** The part of an entry that is not received. */
export interface NewEntry {
  id: string;
  webhook: WebhookTarget | null;
  idempotency: Entry['idempotency'];
}

/**
 * Creates an image or a batch. Every step is idempotent, and once it is staged, the entry is enough to continue after a crash.
 *
 * | in order      | what the request takes                    | if it is refused or fails              |
 * |---------------|-------------------------------------------|----------------------------------------|
 * | `claim`       | its Idempotency-Key                       | released, unless an entry stays staged |
 * | `admission`   | for a batch, items of the owner's hour    | given back                             |
 * | `reservation` | space in staging                          | freed                                  |
 * | `use`         | one of the uploads of its token           | given back                             |
 * | `arrival`     | files in staging, then the durable entry  | removed                                |
 * | `create`      | the state in Redis                        | removed by `forget`                    |
 */
export async function submit<S extends Versioned, E, A extends Arrival<E>, R extends Received>(
  c: ApiContext,
  deps: ApiDeps,
  steps: SubmissionSteps<S, E, A, R>,
): Promise<Created<S>> {
  const { resource, owner } = steps;
  const claimed = await claimKey(c, deps, steps.key);
  if (claimed.outcome === 'done') return repeat(deps, steps, claimed.done);
  await using claim = claimed.claim;
  const { id } = claim;

  // A webhookUrl in the query is refused before the body arrives.
  const early = await steps.findWebhook(null);
  await using admission = await steps.admit();
  // Before the caller sends a body.
  await deps.backlog.expectRedis();
  using reservation = await deps.diskQuota.reserve({ id, owner, ...steps.space });
  // Before the body, so that no more uploads run at a time than the token allows.
  await using use = await deps.tokenUses.take(steps.token);

  await using arrival = await steps.arrive(id);
  const received = await inSpan('receive', {}, () => steps.receive(arrival, reservation, admission));
  const webhook = early ?? (await steps.findWebhook(received));

  const entry = steps.composeEntry(received, { id, webhook, idempotency: claim.sign(received.fingerprint) });
  await inSpan('stage', { [`pixdock.${resource}.id`]: id }, async () => {
    using _ = await deps.writeLimits.acquire(owner);
    await arrival.commit(entry);
  });
  faultpoint(`${resource}-staged`);

  try {
    await claim.confirm();
    await steps.create(entry);
  } catch (error) {
    // Remove the files first: a restore would create the state from them.
    await arrival[Symbol.asyncDispose]();
    void whenRedisIsBack(deps, id, () => steps.forget(entry));
    throw error;
  }
  arrival.keep();
  reservation.commit(received.stagedBytes + bytesOnDisk(Buffer.byteLength(JSON.stringify(entry))));
  admission.keep();
  use.keep();
  claim.keep();
  steps.noteAccepted(received);
  faultpoint(`${resource}-recorded`);

  const state = steps.stateOf(entry);
  // A job cannot be withdrawn: Redis may have it without having responded, and a worker may run it.
  await runOrDefer(deps, id, () => inSpan('enqueue', {}, () => steps.enqueue(state)));
  faultpoint(`${resource}-queued`);
  return { outcome: 'created', state, claim, warnings: received.warnings };
}

/** The resource of an earlier request with the same key. @throws PixdockError idempotency_conflict */
async function repeat<S extends Versioned, E, A extends Arrival<E>, R extends Received>(
  deps: ApiDeps,
  steps: SubmissionSteps<S, E, A, R>,
  done: DoneClaim,
): Promise<Created<S>> {
  const { fingerprint, warnings } = await steps.check();
  expectSameRequest(deps.config, done, fingerprint);
  const { resourceId: id, response } = done;
  try {
    const state = await steps.read(id);
    if (!steps.isSettled(state)) await steps.resume(state);
    return { outcome: 'repeated', state, response, warnings };
  } catch (error) {
    const hasExpired = error instanceof PixdockError && error.code === 'not_found';
    if (!hasExpired || response === null) throw error;
    return { outcome: 'expired', id, response };
  }
}
