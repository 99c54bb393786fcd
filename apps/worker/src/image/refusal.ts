import { ERROR_TABLE, type ErrorCode, type Text } from '@pixdock/contract/error-table';
import type { REFUSAL_CODES } from './protocol.js';
import type { RenderOutcome } from './types.js';

/** The child refuses the image. */
export class Refusal extends Error {
  override readonly name = 'Refusal';

  constructor(
    readonly code: (typeof REFUSAL_CODES)[number],
    readonly detail: Text = ERROR_TABLE[code].fix,
  ) {
    super(`${code}: ${detail.en}`);
  }
}

/** The worker refuses an image because of the way its child ended. */
export function refused(code: ErrorCode): RenderOutcome {
  return { outcome: 'refused', code, detail: ERROR_TABLE[code].fix };
}
