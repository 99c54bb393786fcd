/* Written from documentation: not yet run on Alibaba Cloud. */
import green, { ImageModerationRequest } from '@alicloud/green20220302';
import openapi from '@alicloud/openapi-client';
import OSS from 'ali-oss';
import { serve } from '../serve.mjs';

const {
  ALIBABA_CLOUD_ACCESS_KEY_ID: accessKeyId,
  ALIBABA_CLOUD_ACCESS_KEY_SECRET: accessKeySecret,
  GREEN_REGION: region = 'cn-shanghai',
  GREEN_SERVICE: service = 'baselineCheck',
} = process.env;

const client = new green.default(
  new openapi.Config({
    accessKeyId,
    accessKeySecret,
    regionId: region,
    endpoint: `green-cip.${region}.aliyuncs.com`,
    connectTimeout: 3000,
    readTimeout: 15_000,
  }),
);

const DECISIONS = { none: 'approve', low: 'hold', medium: 'hold', high: 'reject' };

serve(async (image, { id, sha256 }) => {
  const { bucket, object } = await upload(image, sha256);
  const serviceParameters = JSON.stringify({
    ossRegionId: region,
    ossBucketName: bucket,
    ossObjectName: object,
    dataId: id,
  });
  const { body } = await client.imageModeration(new ImageModerationRequest({ service, serviceParameters }));
  if (body.code !== 200) throw new Error(`${body.code} ${body.msg} (${body.requestId})`);
  const { riskLevel, result = [] } = body.data;
  const decision = DECISIONS[riskLevel];
  // An unknown level must not publish anything.
  if (decision === undefined) throw new Error(`unknown risk level ${riskLevel}`);
  const reasons = result
    .filter(({ label }) => label !== 'nonLabel')
    .map(({ label, confidence, description }) => ({ label, score: confidence, text: description }));
  return { decision, reasons };
});

let token = null;

/** The service reads the image from a bucket of its own. A token lasts for some minutes. */
async function upload(image, name) {
  if (token === null || token.expiration * 1000 < Date.now() + 60_000) {
    const { body } = await client.describeUploadToken();
    token = body.data;
  }
  const { bucketName: bucket, fileNamePrefix, ossInternetEndPoint: endpoint } = token;
  const { accessKeyId: keyId, accessKeySecret: keySecret, securityToken: stsToken } = token;
  const oss = new OSS({ accessKeyId: keyId, accessKeySecret: keySecret, stsToken, endpoint, bucket });
  const object = `${fileNamePrefix}${name}`;
  await oss.put(object, image);
  return { bucket, object };
}
