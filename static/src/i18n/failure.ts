import { asFailure } from '../api/problem';
import { known, type Translate } from '.';

/** What a failure means, in the reader's language where its code is known. */
export function failureText(t: Translate, error: unknown): string {
  const failure = asFailure(error);
  const field = failure.fields[0];
  const general = known(t, 'error', failure.code, failure.message || failure.code);
  return field ? fieldText(t, field, general) : general;
}

/** What is wrong with a field. */
export const fieldText = (t: Translate, { field, code, detail }: { field: string; code: string; detail: string }, otherwise = detail) =>
  known(t, `error.${field}`, code, known(t, 'error', code, otherwise));
