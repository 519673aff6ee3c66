import { useState } from 'react';
import { useTranslate } from 'react-admin';
import type { RequestKind } from '../../submissions/requests';
import { useUnresolved } from '../../submissions/submit';
import { useSubmit } from '../../submissions/useSubmit';
import type { TransferRecord } from '../api/records';

/** Codes of refusals that are about one field, where the service does not name it. */
const FIELDS: Record<string, string> = { currency_limit: 'amount' };

const COUNTER: readonly RequestKind[] = ['deposit', 'withdrawal', 'hold', 'linked'];

/**
 * Books an order at the counter. What is refused is told at its field, by the names that the service has for them. As long as it
 * is not known what became of another one, nothing is booked: it might be the same once more. `onOver` is told when the form has
 * done its part.
 */
export function useCounterSubmit<Booked = TransferRecord>(onOver: () => void) {
  const t = useTranslate();
  const isOpen = useUnresolved(COUNTER).length > 0;
  const [done, setDone] = useState<Booked | null>(null);
  const { send, sending, failure } = useSubmit<Booked>({
    answered: booked => {
      setDone(booked);
      onOver();
    },
    // It is finished among the open ones: left in the form, it would be booked once more after that.
    unknown: onOver,
  });
  const wrong: Record<string, string | undefined> = {};
  for (const { field, code, detail } of failure?.fields ?? []) wrong[field] = t(`staff.problem.${code}`, { _: detail });
  const field = failure && FIELDS[failure.code];
  if (failure && field) wrong[field] ??= t(`staff.problem.${failure.code}`, { _: failure.message });
  return {
    book: (draft: Parameters<typeof send>[0]) => {
      setDone(null);
      void send(draft);
    },
    isPending: sending,
    /** Whether something has to be finished first. */
    isOpen,
    done,
    error: failure && Object.keys(wrong).length === 0 ? failure : null,
    wrong,
  };
}
