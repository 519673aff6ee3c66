/** The movements of one linked order share their command's id: each is known by its step as well, as `<id>~2`. */

/** What a movement is known by. */
export const movementId = ({ id, step }: { id: string; step?: number | null }) =>
  typeof step === 'number' ? `${id}~${step}` : id;

/** The command that led to a movement, and its step where there are several. */
export function parseMovementId(name: string): { command: string; step?: number } {
  const [, command, step] = /^(.*)~(\d+)$/.exec(name) ?? [];
  return command === undefined ? { command: name } : { command, step: Number(step) };
}
