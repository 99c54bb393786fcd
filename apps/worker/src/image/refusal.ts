import { ERROR_TABLE, type ErrorCode, type Text } from '@pixdock/shared/error-table';

/** The image's own fault, found in the child. */
export class Refusal extends Error {
  override readonly name = 'Refusal';

  constructor(
    readonly code: ErrorCode,
    readonly detail: Text = ERROR_TABLE[code].fix,
  ) {
    super(`${code}: ${detail.en}`);
  }
}
