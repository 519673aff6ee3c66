import { useState } from 'react';
import { useLanguage } from '../../i18n/staff';
import { COUNTER_REQUESTS, type Draft } from '../../submissions/requests';
import { useUnresolved } from '../../submissions/submit';
import { useSubmit } from '../../submissions/useSubmit';
import type { TransferRecord } from '../api/records';

/** Codes that concern one field but do not name it. */
const FIELDS: Record<string, string> = { currency_limit: 'amount' };

/**
 * Books a request at the counter, one at a time. Errors are returned by field, under the service's names. While the outcome of an
 * earlier request is unknown, nothing is booked. `onOver` is called when the form is to be cleared.
 */
export function useCounterSubmit<Booked = TransferRecord>(onOver: () => void) {
  const { t } = useLanguage();
  const isBlocked = useUnresolved(COUNTER_REQUESTS).length > 0;
  const [done, setDone] = useState<Booked | null>(null);
  const { submit, isSubmitting, error } = useSubmit<Booked>({
    onAnswered: booked => {
      setDone(booked);
      onOver();
    },
    // The page offers to finish it. Left in the form, it would be booked twice.
    onUnknown: onOver,
  });
  const wrong: Record<string, string | undefined> = {};
  for (const { field, code, detail } of error?.fields ?? []) wrong[field] = t.optional(`problem.${code}`, detail);
  const field = error && FIELDS[error.code];
  if (error && field) wrong[field] ??= t.optional(`problem.${error.code}`, error.message);
  return {
    book: (draft: Draft) => {
      setDone(null);
      void submit(draft);
    },
    isSubmitting,
    /** Whether an earlier request has to be finished first. */
    isBlocked,
    done,
    error: error && Object.keys(wrong).length === 0 ? error : null,
    wrong,
  };
}
