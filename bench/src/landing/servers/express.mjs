import { randomUUID } from 'node:crypto';
import OSS from 'ali-oss';
import express from 'express';
import multer from 'multer';
import sharp from 'sharp';

const { ENDPOINT, BUCKET, REGION } = process.env;
const oss = new OSS({
  endpoint: ENDPOINT,
  bucket: BUCKET,
  region: `oss-${REGION}`,
  accessKeyId: 'key',
  accessKeySecret: 'secret',
  authorizationV4: true,
  secure: false,
  sldEnable: true,
});
const app = express();
const upload = multer({ storage: multer.memoryStorage() });

// Express 5 handles the rejections of a route.
// oxlint-disable-next-line oxc/no-async-endpoint-handlers
app.post('/images', upload.single('file'), async (request, response) => {
  const jpeg = await sharp(request.file.buffer)
    .autoOrient()
    .resize(2560, 2560, { fit: 'inside', withoutEnlargement: true })
    .flatten({ background: '#ffffff' })
    .jpeg({ quality: 82 })
    .toBuffer();
  const key = `${randomUUID()}.jpg`;
  await oss.put(key, jpeg, { headers: { 'Content-Type': 'image/jpeg' } });
  response.status(201).json({ key });
});

process.on('disconnect', () => process.exit());
const server = app.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
