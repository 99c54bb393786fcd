import { WithCode } from './with-code.js';

/** Why an image or an upload failed, all of it. */
export function Reason({ title, detail }: { title?: string; detail: string }) {
  return (
    <span class="reason">
      {title !== undefined && <strong>{title} </strong>}
      <WithCode text={detail} />
    </span>
  );
}
