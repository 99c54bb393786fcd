import { Agent, request } from 'node:http';
import sharp from 'sharp';

const { BEST, OUTPUTS, LANES, TARGET } = process.env;
const isBest = BEST === '1';
const agent = new Agent({ keepAlive: true });
/** The sink checks the form of a signature only, so that the yardstick costs as little as can be. */
const AUTHORIZATION = `OSS4-HMAC-SHA256 Credential=key/20250101/cn-hangzhou/oss/aliyun_v4_request,Signature=${'0'.repeat(64)}`;

if (isBest) {
  sharp.concurrency(1);
  sharp.cache(false);
}

const waiting = [];
let free = Number(LANES);
process.on('message', (task) => {
  waiting.push(task);
  startNext();
});
process.on('disconnect', () => process.exit());
process.send({ type: 'ready' });

function startNext() {
  if (free === 0 || waiting.length === 0) return;
  free--;
  const { id, path } = waiting.shift();
  land(id, path)
    .then(
      () => process.send({ id }),
      (error) => process.send({ id, error: String(error) }),
    )
    .finally(() => {
      free++;
      startNext();
    });
}

async function land(id, path) {
  const main = sharp(path).autoOrient().resize(2560, 2560, { fit: 'inside', withoutEnlargement: true });
  const keepsFormat = OUTPUTS === 'main-thumb';
  await put(`${id}/main`, await encode(main, keepsFormat ? path.split('.').at(-1) : 'jpeg').toBuffer());
  if (!keepsFormat) return;
  const thumb = sharp(path).autoOrient().resize(320, 320, { fit: 'inside', withoutEnlargement: true });
  await put(`${id}/thumb`, await encode(thumb, 'webp').toBuffer());
}

function encode(image, format) {
  if (format === 'png') return image.png();
  if (format === 'webp') return image.webp(isBest ? { effort: 2 } : {});
  return image.flatten({ background: '#ffffff' }).jpeg({ quality: 82, optimiseCoding: !isBest });
}

function put(key, body) {
  return new Promise((resolve, reject) => {
    const headers = { authorization: AUTHORIZATION, 'content-length': body.length };
    const sent = request(`${TARGET}/${key}`, { agent, method: 'PUT', headers }, (response) => {
      response.resume();
      if (response.statusCode === 200) response.on('end', resolve);
      else reject(new Error(`the put ended with ${response.statusCode}`));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
