import type { ErrorCode } from '@pixdock/contract/error-table';
import { type Detail, fixOf, sayDetail } from '@pixdock/contract/messages/detail';
import type { REFUSAL_CODES } from './protocol.js';
import type { RenderOutcome } from './types.js';

/** The child refuses the image. */
export class Refusal extends Error {
  override readonly name = 'Refusal';

  constructor(
    readonly code: (typeof REFUSAL_CODES)[number],
    readonly detail: Detail = fixOf(code),
  ) {
    super(`${code}: ${sayDetail('en', detail)}`);
  }
}

/** The worker refuses an image because of the way its child ended. */
export function refused(code: ErrorCode): RenderOutcome {
  return { outcome: 'refused', code, detail: fixOf(code) };
}
