import { sayDetail } from '@pixdock/contract/messages/detail';
import type { Profiles } from '@pixdock/contract/profile';
import type { SettingsReader } from '@pixdock/shared/runtime/env';
import { judgeAddress } from '@pixdock/shared/runtime/sources/judge-address';
import type { SourceSettings } from '@pixdock/shared/runtime/sources/settings';
import { say } from '../messages/settings.js';

/** The settings of the review before publication. */
export interface ReviewSettings {
  /** The reviewer `http`; null without one. */
  http: { url: string; secret: string } | null;
  /** How long an image waits for a person before it is rejected, and for the reviewer before it fails. */
  giveUpMs: number;
}

const DAY_MS = 24 * 3600 * 1000;
/** As in Standard Webhooks 1.0: 24 to 64 bytes in Base64. */
const SECRET = /^whsec_[A-Za-z0-9+/]{32,86}={0,2}$/;

/** REVIEW_HTTP_URL, REVIEW_HTTP_SECRET and REVIEW_GIVE_UP. */
export function readReviewSettings(
  read: SettingsReader,
  profiles: Profiles,
  webhooks: SourceSettings,
): ReviewSettings {
  const giveUpMs = read.duration('REVIEW_GIVE_UP', 3 * DAY_MS);
  const url = read.text('REVIEW_HTTP_URL', null);
  const secret = read.text('REVIEW_HTTP_SECRET', null);
  if (url === null) {
    for (const [profile, { review = [] }] of profiles)
      if (review.includes('http')) {
        const problem = say(read.language, 'reviewer-missing', { profile });
        read.fault('REVIEW_HTTP_URL', problem, say(read.language, 'reviewer-missing.fix'));
      }
    return { http: null, giveUpMs };
  }
  const { forbidden } = judgeAddress(url, null, webhooks, 'reviewer');
  if (forbidden !== null)
    read.fault(
      'REVIEW_HTTP_URL',
      say(read.language, 'reviewer-forbidden'),
      sayDetail(read.language, forbidden),
    );
  if (secret === null || !SECRET.test(secret)) {
    const problem = say(read.language, secret === null ? 'reviewer-without-secret' : 'reviewer-secret');
    read.fault('REVIEW_HTTP_SECRET', problem, say(read.language, 'reviewer-secret.fix'));
    return { http: null, giveUpMs };
  }
  return { http: { url, secret }, giveUpMs };
}
