import type { ComponentChildren } from 'preact';

interface Props {
  label: string;
  heads: readonly string[];
  /** The class of the table. */
  kind?: string;
  /** Whether each row ends with a cell for what can be done. */
  hasActions?: boolean;
  /** The rows. */
  children: ComponentChildren;
}

/** A table that scrolls sideways on a narrow screen, also by keyboard. */
export function TableBox({ label, heads, kind = '', hasActions = false, children }: Props) {
  return (
    <div class="table-box" tabIndex={0} role="region" aria-label={label}>
      <table class={kind}>
        <thead>
          <tr>
            {heads.map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
            {hasActions && <td />}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
