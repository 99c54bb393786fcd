import { useEffect, useState } from 'preact/hooks';
import { t } from '../messages/say.js';
import { Icon } from './icon.js';

const SHOWN_MS = 2000;

/** Copies a text and says so. */
export function CopyButton({ text, name, label }: { text: string; name: string; label?: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async () => {
    await writeText(text);
    setCopied(true);
  };
  return (
    <button
      type="button"
      class="small"
      onClick={() => void copy()}
      aria-label={label ?? `${t('copy')}: ${name}`}
    >
      <Icon name={copied ? 'check' : 'copy'} />
      <span aria-live="polite">{copied ? t('copied') : name}</span>
    </button>
  );
}

/** `navigator.clipboard` exists only on https and on localhost. */
async function writeText(text: string): Promise<void> {
  if (navigator.clipboard !== undefined) return navigator.clipboard.writeText(text);
  const area = document.createElement('textarea');
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}
