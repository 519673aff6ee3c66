import { useRef, useState } from 'react';
import type { ApiError } from '../api/apiError';
import type { Draft } from './requests';
import { submit } from './submit';

interface Then<T> {
  answered: (answer: T) => void;
  refused?: (failure: ApiError) => void;
  /** No answer came: the order is among the open ones. */
  unknown?: () => void;
}

/** Sends orders, one at a time, with what was said about the last one. */
export function useSubmit<T>(then: Then<T>) {
  const [sending, setSending] = useState(false);
  const [failure, setFailure] = useState<ApiError | null>(null);
  // The state of a component comes too late for the second click of a double click.
  const busy = useRef(false);
  const send = async (draft: Draft) => {
    if (busy.current) return;
    busy.current = true;
    setSending(true);
    setFailure(null);
    const outcome = await submit<T>(draft);
    busy.current = false;
    setSending(false);
    if (outcome.kind === 'answered') return then.answered(outcome.answer);
    if (outcome.kind === 'open') return then.unknown?.();
    setFailure(outcome.failure);
    then.refused?.(outcome.failure);
  };
  return { send, sending, failure, forget: () => setFailure(null) };
}
