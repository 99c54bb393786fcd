export type { Batch } from '@pixdock/contract/batch';
export type { DryRun } from '@pixdock/contract/dry-run';
export type { ErrorCode } from '@pixdock/contract/error-table';
export type { FailureGroup, FailureRetry } from '@pixdock/contract/failure';
export type { Image, KeptImage, RequestedDeletion, SignedUrl } from '@pixdock/contract/image';
export type { ListedProfile } from '@pixdock/contract/profile';
export type { SheetPreview } from '@pixdock/contract/sheet/preview';
export type { Status } from '@pixdock/contract/status';
export type { Warnings } from '@pixdock/contract/submission-options';
export type { UploadToken } from '@pixdock/contract/upload-token';
export type {
  CreatedWebhookEndpoint,
  WebhookDelivery,
  WebhookEndpoint,
  WebhookEvent,
  WebhookEventType,
  WebhookRecovery,
} from '@pixdock/contract/webhook';
export type { BatchItem, BatchItems, CreateOptions, ItemFilter } from './batches.js';
export type { CallOptions } from './call-options.js';
export { type ClientCode, PixdockApiError, type Problem } from './error.js';
export type { FailureFilter, FailureRetryOptions } from './failures.js';
export type { ByteSource, OpenableSource, UploadProgress } from './http/body.js';
export type { WaitOptions } from './http/resource.js';
export type { ClientOptions } from './http/transport.js';
export type {
  ContentOptions,
  ImageFilter,
  ImportOptions,
  SignOptions,
  SubmitOptions,
  SubmittedImage,
  UploadOptions,
} from './image-options.js';
export { type OwnerEvent, Pixdock, type UploadTokenOptions } from './pixdock.js';
export { verifyWebhook, type WebhookRequest, WebhookVerificationError } from './verify-webhook.js';
export type { DeliveryFilter, EndpointOptions } from './webhooks.js';
