import { publicRefusal } from '@pixdock/object-store/public-refusal';
import type { NewObject } from '@pixdock/object-store/types';
import { Finding } from './finding.js';
import type { PublicAnswer } from './public-get.js';

/** Whether a browser would show `object`; throws a Finding where it would not. */
export function judgePublicAnswer(answer: PublicAnswer, object: NewObject): string {
  const { status, headers, body } = answer;
  if (status !== 200) throw findingOfStatus(answer);
  if (!body.equals(object.body)) {
    throw isPage(answer)
      ? new Finding('PublicPage', headers['content-type'] ?? null)
      : new Finding('PublicBytesDiffer', `${body.length} bytes instead of ${object.body.length}`);
  }
  const disposition = headers['content-disposition'] ?? '';
  if (/^\s*attachment/i.test(disposition) || headers['x-oss-force-download'] === 'true') {
    throw new Finding('ForcedDownload', disposition || 'x-oss-force-download: true');
  }
  const type = headers['content-type'] ?? 'none';
  if (type !== object.contentType) throw new Finding('PublicTypeDiffers', type);
  return `200, ${type}, shown by browsers`;
}

function findingOfStatus(answer: PublicAnswer): Finding {
  const { status, headers, body } = answer;
  const document = isPage(answer) ? null : body.toString('utf8', 0, 4096);
  const { code, reason } = publicRefusal(status, document);
  const seen =
    code === null ? `status ${status}${document === null ? ', a page' : ''}` : `status ${status}, ${code}`;
  if (status >= 300 && status < 400)
    return new Finding('Redirected', `status ${status} to ${targetOf(headers.location)}`);
  if (status === 451 || isIcpPage(answer)) return new Finding('DomainBlocked', seen);
  return new Finding(FINDING_OF[reason], seen);
}

const FINDING_OF = {
  absent: 'DomainNotBound',
  denied: 'PublicReadDenied',
  blocked: 'DomainBlocked',
  failed: 'PublicError',
} as const;

function isPage({ headers, body }: PublicAnswer): boolean {
  return (
    /html/i.test(headers['content-type'] ?? '') ||
    /^\s*<(!doctype )?html/i.test(body.toString('latin1', 0, 200))
  );
}

/** What Alibaba Cloud serves in place of a mainland domain without a filing. */
function isIcpPage(answer: PublicAnswer): boolean {
  return isPage(answer) && /ICP|备案|Non-compliance/.test(answer.body.toString('utf8', 0, 64 * 1024));
}

/** Only the origin: a login page's address may hold a token. */
function targetOf(location = ''): string {
  return URL.canParse(location) ? new URL(location).origin : 'another path';
}
