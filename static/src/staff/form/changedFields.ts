import type { RaRecord } from 'react-admin';

/** Returns a function that picks the fields that differ, with the version that was read. */
export const changedFields = (names: string[]) => (data: RaRecord, before: RaRecord) => ({
  version: before.version as number,
  ...Object.fromEntries(
    names
      .filter(name => JSON.stringify(data[name]) !== JSON.stringify(before[name]))
      .map(name => [name, data[name] as unknown]),
  ),
});
