import { JPEG, PNG } from '../pictures.js';
import type { Recording, Sending } from '../recording.js';
import { ORIGIN } from '../stage.js';
import { json } from './submitting.js';

const TOKENS = 'POST /v1/upload-tokens';
const IMAGES = 'POST /v1/images';

/** Upload tokens, and what their holders may do. */
export async function recordUploadTokens({ send, sendInBoth }: Recording): Promise<void> {
  const make = async (name: string, body: object): Promise<Sending> => {
    const { text } = await send(name, TOKENS, json(body));
    return { as: null, headers: { Authorization: `Bearer ${JSON.parse(text).token}` } };
  };
  await send('a token without options', TOKENS);
  const holder = await make('a token with all options', {
    profile: 'compact',
    maxBytes: 10_000,
    maxCount: 1,
    expiresInSeconds: 900,
    origins: [ORIGIN],
  });
  const page = { ...holder, headers: { ...holder.headers, Origin: ORIGIN } };
  const { id } = (await send('an upload from a page', IMAGES, { ...page, body: JPEG })).body;
  await send('its status', `GET /v1/images/${id}`, page);
  await send('its status for the owner', `GET /v1/images/${id}`);
  const { id: ofOwner } = (await send('an upload of the owner', IMAGES, { body: PNG })).body;
  await sendInBoth('the image of the owner', `GET /v1/images/${ofOwner}`, page);
  for (const line of ['GET /v1/images', `DELETE /v1/images/${id}`, TOKENS, 'POST /v1/batches'])
    await sendInBoth(`another call: ${line.split('/img_')[0]}`, line, page);
  const evil = { ...page, headers: { ...page.headers, Origin: 'https://evil.example.com' } };
  await sendInBoth('an upload from a page of another origin', IMAGES, { ...evil, body: JPEG });
  const profile = `${IMAGES}?profile=default`;
  await sendInBoth('another profile', profile, { ...page, body: JPEG });
  await sendInBoth('an upload above the count', IMAGES, { ...page, body: JPEG });
  const open = await make('a token for any page', { maxBytes: 10 });
  await sendInBoth('a file above its size', IMAGES, { ...open, body: JPEG });
  await sendInBoth('a URL', IMAGES, {
    ...open,
    ...json({ url: 'https://a.example/1.jpg' }),
    headers: { ...open.headers, 'Content-Type': 'application/json' },
  });
  for (const body of INVALID) await sendInBoth(`invalid: ${JSON.stringify(body)}`, TOKENS, json(body));
}

const INVALID = [
  { expiresInSeconds: 901 },
  { maxCount: 0 },
  { maxBytes: '1MiB' },
  { origins: ['https://shop.example.com/'] },
  { origins: 'https://shop.example.com' },
  { profile: 'none' },
  { count: 1 },
];
