import { FORMATS } from '@pixdock/contract/media-type';
import { type Detail, detailOf, fixOf } from '@pixdock/contract/messages/detail';
import type { Profile } from '@pixdock/contract/profile';
import type { Review } from '@pixdock/contract/review';
import type { JobContext, JobFollowUps, JobResult } from '@pixdock/shared/queue/jobs';
import { isoTime, nowMs } from '@pixdock/shared/runtime/clock';
import { faultpoint } from '@pixdock/shared/runtime/faultpoint';
import { profileVersion } from '@pixdock/shared/runtime/profile-version';
import { shortDigest } from '@pixdock/shared/runtime/short-digest';
import { inSpan } from '@pixdock/shared/runtime/trace';
import * as attempts from '@pixdock/shared/state/images/attempt-transitions';
import { type ImageRecord, isHeld, isOpen, needsSource } from '@pixdock/shared/state/images/image-record';
import { runOf } from '@pixdock/shared/state/images/run-of';
import { storedError } from '@pixdock/shared/state/images/stored-error';
import { reviewSubject, type Verdict } from '@pixdock/shared/state/reviews';
import { mustWait } from '../admission/permit.js';
import type { AttemptDeps, Needs, Parts } from '../deps.js';
import type { RenderedImage } from '../image/types.js';
import type { ReviewRequest } from '../review/http-reviewer.js';
import { delayedFor, delayMs } from './delay.js';
import { fail } from './finish.js';
import type { Attempt } from './start-attempt.js';

export type ReviewDeps = AttemptDeps & Needs<'reviewer' | 'heldJobs', 'review'>;

/**
 * Asks the reviewers of the image's profile. Returns null if the image may be published.
 * @param permits gets the permit of the `http` reviewer; its image is in memory without a slot
 */
export async function review(
  deps: ReviewDeps,
  attempt: Attempt,
  image: RenderedImage,
  { signal, freeSlot }: JobContext,
  permits: DisposableStack,
): Promise<JobResult | null> {
  const { staging, config, reviewer, heldJobs } = deps;
  const { id } = attempt.record;
  const { review: earlier } = attempt.record;
  // Even if the profile has changed since, or has no review any more.
  if (earlier?.decision === 'reject') return reject(deps, attempt, earlier);
  const profile = config.profiles.get(attempt.record.profile);
  if (profile?.review === undefined) return null;
  const subject = reviewSubject(attempt.record, profile);
  let decided = await findReview(deps, attempt.record, subject);
  decided ??= await adoptVerdict(deps, attempt.record, profile, subject);
  if (decided === null && asksHttp(profile) && reviewer !== null) {
    const permit = permits.use(reviewer.acquire(attempt.record.owner));
    if (mustWait(permit)) return await waitForReviewer(deps, attempt, null, permit.retryAfterMs);
    freeSlot();
    const request = requestOf(attempt.record, profile, image, subject);
    const answer = await inSpan('review', {}, () => reviewer.ask(request, signal));
    if (answer.outcome === 'failed') return await waitForReviewer(deps, attempt, answer.detail, 0);
    deps.events.reviewerDecided(answer.decision);
    decided = await note(deps, attempt.record, subject, { ...answer, by: 'http' });
  }
  decided ??= await note(deps, attempt.record, subject, { decision: 'hold', by: 'manual', reasons: [] });
  if (decided.decision === 'hold' && isOverdue(deps, decided)) {
    const timeout: Verdict = { ...decided, decision: 'reject', by: 'timeout', at: isoTime() };
    decided = await staging.reviews.decide(id, subject, timeout);
  }
  const noted = decided;
  faultpoint('review-noted');
  await attempt.change((record, attemptId) => attempts.review(record, attemptId, noted, subject));
  if (noted.decision === 'approve') return null;
  if (noted.decision === 'reject') return reject(deps, attempt, noted);
  deps.events.imageHeld(attempt.record);
  heldJobs.add(id);
  return { outcome: 'done' };
}

/** If a person comes first in the list, the reviewer is not asked: a person decides on every image. */
const asksHttp = ({ review: [first] = [] }: Pick<Profile, 'review'>) => first === 'http';

const reject = (deps: AttemptDeps, attempt: Attempt, verdict: Review) =>
  fail(deps, attempt, 'content_rejected', detailOfRejection(verdict));

/** Stores a decision durably before it is visible elsewhere. Returns the effective decision. */
async function note(
  { staging }: Parts<'staging'>,
  record: ImageRecord,
  subject: string,
  { decision, by, reasons }: Pick<Review, 'decision' | 'by' | 'reasons'>,
): Promise<Review> {
  const at = isoTime();
  if (decision !== 'hold')
    return staging.reviews.decide(record.id, subject, { decision, by, reasons, at, heldAt: null });
  const held: Review = { decision, by, reasons, at, heldAt: at };
  await staging.reviews.hold(record, subject, held);
  return held;
}

/** Whether a held image still waits: it is undecided and not overdue, and its rendered files are valid. */
export async function awaitsDecision(
  deps: Needs<'staging', 'profiles' | 'review'>,
  record: ImageRecord,
): Promise<boolean> {
  if (!isHeld(record)) return false;
  const { staging, config } = deps;
  const profile = config.profiles.get(record.profile);
  // A changed profile renders other files, and may have other reviewers.
  const subject = profile?.review === undefined ? null : reviewSubject(record, profile);
  if (subject === null || subject !== record.internal.reviewed) return false;
  if (isOverdue(deps, record.review) || !(await staging.has(record.id, 'output'))) return false;
  return (await findReview(deps, record, subject))?.decision === 'hold';
}

/** How long an image must wait before an attempt can ask the `http` reviewer; 0 if it can ask now, or need not. */
export function reviewerDelayMs({ reviewer, config }: ReviewDeps, record: ImageRecord): number {
  const isWaiting = isOpen(record) && record.stage === 'reviewing' && record.deleteRequestedAt === null;
  if (!isWaiting || reviewer === null || needsSource(record)) return 0;
  const profile = config.profiles.get(record.profile);
  if (profile === undefined || !asksHttp(profile)) return 0;
  if (record.internal.reviewed === reviewSubject(record, profile)) return 0;
  if (delayedFor(record) >= config.review.giveUpMs) return 0;
  using permit = reviewer.acquire(record.owner);
  return mustWait(permit) ? permit.retryAfterMs : 0;
}

/** Queues an image whose decision arrived while its job was ending: that job was still in the queue, so the decision added none. */
export function requeueIfDecided({
  images,
  queue,
  heldJobs,
}: Parts<'images' | 'queue' | 'heldJobs'>): NonNullable<JobFollowUps['process-image']> {
  return async ({ imageId }) => {
    if (!heldJobs.delete(imageId)) return;
    const record = await images.inRedis(imageId);
    if (record?.status === 'processing' && !isHeld(record) && record.deleteRequestedAt === null)
      await queue.enqueue(runOf(record));
  };
}

/** The decision in staging; for a retried item that failed after the review, the decision in its record. */
async function findReview(
  { staging }: Pick<ReviewDeps, 'staging'>,
  { id, review: recorded, internal }: ImageRecord,
  subject: string,
): Promise<Review | null> {
  return (
    (await staging.reviews.find(id, subject)) ?? (internal.reviewed === subject ? (recorded ?? null) : null)
  );
}

const isOverdue = ({ config }: Needs<never, 'review'>, { heldAt, at }: Review) =>
  nowMs() - Date.parse(heldAt ?? at) >= config.review.giveUpMs;

/**
 * The verdict on another image of the owner with the same bytes; null without one. A reviewer that also gets other fields of the image
 * may decide differently.
 */
async function adoptVerdict(
  { images, staging }: Parts<'images' | 'staging'>,
  { id, owner }: ImageRecord,
  { reviewFields = [] }: Profile,
  subject: string,
): Promise<Verdict | null> {
  if (reviewFields.length > 0) return null;
  for (const { review: verdict, internal, deleteRequestedAt } of await images.findByVerdict(owner, subject)) {
    const isValid = internal.reviewed === subject && deleteRequestedAt === null;
    if (!isValid || verdict === undefined || verdict.decision === 'hold' || verdict.by === 'timeout')
      continue;
    return staging.reviews.decide(id, subject, { ...verdict, decision: verdict.decision, heldAt: null });
  }
  return null;
}

/** Returns the image to the queue because the reviewer is busy, or has failed (`detail`). */
async function waitForReviewer(
  deps: ReviewDeps,
  attempt: Attempt,
  detail: Detail | null,
  retryAfterMs: number,
): Promise<JobResult> {
  const delayedMs = delayedFor(attempt.record);
  if (delayedMs >= deps.config.review.giveUpMs) return fail(deps, attempt, 'review_unavailable');
  if (detail === null) {
    await attempt.change(attempts.release);
    return { outcome: 'again', afterMs: retryAfterMs };
  }
  deps.events.reviewerFailed(attempt.record.id, detail);
  const afterMs = delayMs(delayedMs);
  const failure = { error: storedError('review_unavailable', detail), afterMs };
  await attempt.change((record, attemptId) => attempts.delay(record, attemptId, failure));
  return { outcome: 'again', afterMs };
}

function requestOf(
  { id, owner, profile: name, externalId, metadata, source }: ImageRecord,
  profile: Profile,
  { rendered, bodies }: RenderedImage,
  subject: string,
): ReviewRequest {
  const { main } = rendered.variants;
  const image = bodies.get('main');
  if (main === undefined || image === undefined) throw new TypeError('no variant main');
  const { width, height, bytes, format } = main;
  const { mediaType } = FORMATS[format];
  const fields = profile.reviewFields ?? [];
  return {
    id: `msg_${shortDigest(`${id} ${subject}`)}`,
    owner,
    image,
    filename: main.file,
    mediaType,
    data: {
      id,
      owner,
      profile: name,
      profileVersion: profileVersion(profile),
      width,
      height,
      bytes,
      mediaType,
      source: { sha256: source.sha256, bytes: source.bytes, mediaType: source.mediaType },
      ...(fields.includes('externalId') ? { externalId } : {}),
      ...(fields.includes('metadata') ? { metadata } : {}),
    },
  };
}

function detailOfRejection({ by, reasons }: Review): Detail {
  if (by === 'timeout') return detailOf('review-timeout');
  const labels = reasons.map(({ label }) => label);
  return labels.length === 0 ? fixOf('content_rejected') : detailOf('review-rejected', { labels });
}
