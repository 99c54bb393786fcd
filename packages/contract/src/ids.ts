/** An image's id: 16 random bytes in hex. */
export const IMAGE_ID = /^img_[0-9a-f]{32}$/;

/** The id of a webhook delivery, which its receiver sees as `webhook-id`. */
export const DELIVERY_ID = /^msg_[0-9a-f]{32}$/;

/** A batch's id. */
export const BATCH_ID = /^bat_[0-9a-f]{32}$/;

/** The id of a resumable upload. */
export const UPLOAD_ID = /^upl_[0-9a-f]{32}$/;

/** The hexadecimal part of the ids in examples. */
export const EXAMPLE_HEX = '5f'.repeat(16);
