/** The steps of linked transfers, as typed and as sent. */

export type StepKind = 'transfer' | 'settle' | 'void';
export const STEP_KINDS: readonly StepKind[] = ['transfer', 'settle', 'void'];

export interface StepDraft {
  key: number;
  type: StepKind;
  from: string;
  to: string;
  /** As typed. An empty amount of a settlement means everything that remains. */
  amount: string;
  label: string;
  hold: string;
  /** Whether the rest of the hold is released. */
  final: boolean;
}

export type StepBody = Record<string, unknown>;

export const emptyStep = (key: number, from = ''): StepDraft => ({
  key,
  type: 'transfer',
  from,
  to: '',
  amount: '',
  label: '',
  hold: '',
  final: false,
});

/** Returns the body of a step, or `null` while it is incomplete. `minor` is its amount, `null` for none. */
export function stepBody(draft: StepDraft, minor: number | null, isKnown: boolean): StepBody | null {
  const { type, from, to, label, hold, final } = draft;
  if (!isKnown) return null;
  if (type === 'void') return { type, hold };
  // An invalid amount must not be taken for an empty one.
  if (type === 'settle' && draft.amount !== '' && minor === null) return null;
  if (type === 'settle') return { type, hold, ...(minor !== null && { amount: minor, keep_rest: !final }) };
  return minor ? { type, from, to, amount: minor, ...(label && { sender_label: label, receiver_label: label }) } : null;
}

/** Returns the errors of one step: `steps[1].amount` is about the second one's amount. */
export function stepErrors(wrong: Record<string, string | undefined>, at: number): Record<string, string | undefined> {
  const start = `steps[${at}].`;
  return Object.fromEntries(
    Object.entries(wrong)
      .filter(([field]) => field.startsWith(start))
      .map(([field, text]) => [field.slice(start.length), text]),
  );
}
