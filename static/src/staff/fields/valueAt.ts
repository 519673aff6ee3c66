import type { RaRecord } from 'react-admin';

export const valueAt = (record: RaRecord | undefined, source: string): unknown =>
  source
    .split('.')
    .reduce<unknown>((found, name) => (found as Record<string, unknown> | null | undefined)?.[name], record);
