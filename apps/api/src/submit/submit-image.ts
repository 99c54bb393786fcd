import { randomBytes } from 'node:crypto';
import { checkProfile } from '@pixdock/contract/requirements';
import { inSpan } from '@pixdock/shared/runtime/trace';
import type { ImageRecord } from '@pixdock/shared/state/records/image-record';
import type { DoneClaim } from '@pixdock/shared/state/records/stored-claim';
import { checkHeaders } from '../body/check-headers.js';
import { receiveUrl } from '../body/json-body.js';
import { limitsOf } from '../body/limits-of.js';
import { queryOptions } from '../body/options.js';
import { receive } from '../body/receive.js';
import type { Submission } from '../body/submission.js';
import type { ApiDeps } from '../deps.js';
import type { ApiContext } from '../http/env.js';
import type { Created } from '../http/resource.js';
import { acceptImage, SUBMISSION_BYTES } from './accept-image.js';
import { claimKey } from './idempotency.js';
import { readRepeated } from './read-repeated.js';
import { webhookTargetOf } from './webhook-target.js';

/**
 * Creates an image from a request: stages it, creates its record, then enqueues it. Every step is idempotent, and the staged
 * submission is enough to continue after a crash.
 */
export async function submitImage(c: ApiContext, deps: ApiDeps): Promise<Created<ImageRecord>> {
  const { staging, diskQuota, backlog, shares, tokenUses } = deps;
  const { owner, token } = c.get('caller');
  const limits = limitsOf({ token }, deps.config);
  const claimed = await claimKey(c, deps, newImageId());
  if (claimed.outcome === 'done') return repeatImage(c, deps, claimed.done);
  await using claim = claimed.claim;
  const { id } = claim;

  const kind = checkHeaders(c, limits);
  // A query is known before the body arrives.
  const optionsInQuery = kind === 'raw' ? queryOptions(c, limits.onlyProfile) : null;
  let webhook = await webhookTargetOf(deps, { owner, token }, optionsInQuery?.webhookUrl ?? null);
  // `backlog.size` fails while Redis is unavailable: this refuses the request before the caller sends a body.
  const [{ outcomeBytes }] = await Promise.all([shares.admitImage(owner), backlog.size()]);
  const length = Number(c.req.header('Content-Length') ?? limits.maxUploadBytes);
  const declaredBytes = kind === 'json' ? SUBMISSION_BYTES : length;
  using reservation = await diskQuota.reserve({ id, owner, declaredBytes, outcomeBytes });

  // Before the body, so that no more uploads run at a time than the token allows.
  await using use = await tokenUses.take(token);
  await using arrival = kind === 'json' ? staging.receiveUnfetched(id) : await staging.receive(id);
  const { stream } = arrival;
  const submission = await inSpan<Submission>('receive', {}, () =>
    stream === null ? receiveUrl(c) : receive(c, { stream, reservation }, limits),
  );

  if (submission.kind === 'url') checkProfile(submission.options.profile, deps.config.profiles);

  if (optionsInQuery === null)
    webhook = await webhookTargetOf(deps, { owner, token }, submission.options.webhookUrl);
  const submitter = { owner, uploadToken: token?.id ?? null, webhook };
  const stagedBytes = submission.kind === 'url' ? SUBMISSION_BYTES : submission.bytes;
  const accepted = await acceptImage(
    deps,
    { claim, arrival, reservation, submitter, stagedBytes },
    submission,
  );
  use.keep();
  return accepted;
}

const newImageId = () => `img_${randomBytes(16).toString('hex')}`;

async function repeatImage(c: ApiContext, deps: ApiDeps, done: DoneClaim): Promise<Created<ImageRecord>> {
  const limits = limitsOf({ token: c.get('caller').token }, deps.config);
  const isUrl = checkHeaders(c, limits) === 'json';
  return readRepeated(c, deps, done, isUrl ? await receiveUrl(c) : await receive(c, NOWHERE, limits));
}

/** A repeated body is read and not stored. */
const NOWHERE = { stream: null, reservation: null };
