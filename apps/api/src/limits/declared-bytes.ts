import type { OwnerUsage } from '@pixdock/shared/state/files/owner-usage';

/** The bytes that an admitted upload declared, and those of them that are reserved. */
export interface UploadBytes {
  /** Reserved bytes; they may exceed the declared ones. */
  reserved(): number;
  setReserved(bytes: number): void;
  end(): void;
}

/** Sums the bytes that uploads in progress declared and have no reservation for yet. */
export function openDeclaredBytes(usage: Pick<OwnerUsage, 'reserve'>) {
  let outstanding = 0;
  return {
    outstanding: () => outstanding,

    add(owner: string, declaredBytes: number): UploadBytes {
      let declared = 0;
      let reserved = 0;
      set(0, declaredBytes);
      return {
        reserved: () => reserved,
        setReserved: (bytes) => set(bytes, declared),
        end: () => set(0, 0),
      };

      function set(nowReserved: number, nowDeclared: number): void {
        outstanding += Math.max(0, nowDeclared - nowReserved) - Math.max(0, declared - reserved);
        usage.reserve(owner, Math.max(nowDeclared, nowReserved) - Math.max(declared, reserved));
        [reserved, declared] = [nowReserved, nowDeclared];
      }
    },
  };
}
