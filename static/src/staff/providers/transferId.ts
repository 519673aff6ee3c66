/** Ids of transfers. Linked transfers share their command's id, so the step is added: `<id>~2`. */

/** Returns the id of a transfer within the staff's part. */
export const transferId = ({ id, step }: { id: string; step?: number | null }) =>
  typeof step === 'number' ? `${id}~${step}` : id;

/** Returns the command's id and, for linked transfers, the step. */
export function parseTransferId(name: string): { command: string; step?: number } {
  const [, command, step] = /^(.*)~(\d+)$/.exec(name) ?? [];
  return command === undefined ? { command: name } : { command, step: Number(step) };
}
