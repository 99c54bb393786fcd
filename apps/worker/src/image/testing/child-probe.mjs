// The real decoder, extended by a message that asks whether it has a loader for a file.
import sharp from 'sharp';

await import('../../../dist/image/child.js');

process.on('message', ({ type, path }) => {
  if (type === 'probe') void probe(path);
});

async function probe(path) {
  const metadata = await sharp(path)
    .metadata()
    .catch(() => null);
  process.send({ type: 'probed', format: metadata?.format ?? 'no loader' });
}
