/** An error response for the client. `ec` is the numeric OSS error code; `fields` become additional XML elements, `headers` headers. */
export class OssError extends Error {
  override readonly name = 'OssError';
  readonly code: OssErrorCode;
  readonly ec: string | undefined;
  readonly fields: Record<string, string>;
  readonly headers: Record<string, string>;

  constructor(
    code: OssErrorCode,
    message: string,
    ec?: string,
    fields: Record<string, string> = {},
    headers: Record<string, string> = {},
  ) {
    super(message);
    this.code = code;
    this.ec = ec;
    this.fields = fields;
    this.headers = headers;
  }

  get status(): number {
    return statuses[this.code];
  }
}

export type OssErrorCode = keyof typeof statuses;

const statuses = {
  AccessDenied: 403,
  BucketNotEmpty: 409,
  EntityTooLarge: 400,
  EntityTooSmall: 400,
  FileAlreadyExists: 409,
  InternalError: 500,
  InvalidAccessKeyId: 403,
  InvalidArgument: 400,
  InvalidBucketName: 400,
  InvalidDigest: 400,
  InvalidObjectName: 400,
  InvalidPolicyDocument: 400,
  InvalidRange: 416,
  InvalidSecurityToken: 403,
  InvalidURI: 400,
  MalformedPOSTRequest: 400,
  MalformedXML: 400,
  MissingArgument: 400,
  MissingContentLength: 411,
  NoSuchBucket: 404,
  NoSuchKey: 404,
  NotImplemented: 501,
  ObjectNotAppendable: 409,
  PositionNotEqualToLength: 409,
  PreconditionFailed: 412,
  RequestIsNotMultiPartContent: 400,
  RequestTimeTooSkewed: 403,
  SecurityTokenExpired: 403,
  SignatureDoesNotMatch: 403,
} as const;
