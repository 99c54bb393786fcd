export type { Batch } from '@pixdock/contract/batch';
export type { ErrorCode } from '@pixdock/contract/error-table';
export type { FailureGroup, FailureRetry } from '@pixdock/contract/failure';
export type { Image, Status } from '@pixdock/contract/image';
export type { RequestedDeletion } from '@pixdock/contract/image-deletion';
export type { ListedProfile } from '@pixdock/contract/profile';
export type { UploadToken } from '@pixdock/contract/upload-token';
export type { Warnings } from '@pixdock/contract/warning';
export type {
  CreatedWebhookEndpoint,
  WebhookDelivery,
  WebhookEndpoint,
  WebhookEvent,
  WebhookEventType,
  WebhookRecovery,
} from '@pixdock/contract/webhook';
export type { BatchItem, BatchItems, CreateOptions, DryRun, ItemFilter } from './batches.js';
export type { CallOptions } from './call-options.js';
export { type ClientCode, PixdockApiError, type Problem } from './error.js';
export type { FailureFilter, FailureRetryOptions } from './failures.js';
export type { ByteSource, OpenableSource, UploadProgress } from './http/body.js';
export type { WaitOptions } from './http/resource.js';
export type { ClientOptions } from './http/transport.js';
export type {
  ImageFilter,
  ImportOptions,
  SubmitOptions,
  SubmittedImage,
  UploadOptions,
} from './image-options.js';
export { type OwnerEvent, Pixdock, type UploadTokenOptions } from './pixdock.js';
export { verifyWebhook, type WebhookRequest, WebhookVerificationError } from './verify-webhook.js';
export type { DeliveryFilter, EndpointOptions } from './webhooks.js';
