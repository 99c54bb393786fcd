import { useEffect } from 'preact/hooks';

/** Names the tab after what a view shows, once that is known. */
export function useTitle(name: string): void {
  useEffect(() => {
    document.title = `${name} · Pixdock`;
  }, [name]);
}
