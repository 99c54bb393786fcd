/** A sentence that a screen reader reads when it changes. */
export function Status({ kind, children }: { kind: string; children: string }) {
  return (
    <p class={kind} role="status">
      {children}
    </p>
  );
}
