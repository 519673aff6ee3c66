import { useRef, useState } from 'react';
import type { ApiError } from '../api/apiError';
import type { Draft } from './requests';
import { submit } from './submit';

interface Handlers<T> {
  onAnswered: (answer: T) => void;
  onRefused?: (error: ApiError) => void;
  /** Called when the outcome is unknown. The submission is then among the unresolved ones. */
  onUnknown?: () => void;
}

/** Submits the requests of a form, one at a time. Returns the error of the last one. */
export function useSubmit<T>({ onAnswered, onRefused, onUnknown }: Handlers<T>) {
  const [isSubmitting, setSubmitting] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  // State updates come too late for the second click of a double click.
  const busy = useRef(false);
  const send = async (draft: Draft) => {
    if (busy.current) return;
    busy.current = true;
    setSubmitting(true);
    setError(null);
    const outcome = await submit<T>(draft);
    busy.current = false;
    setSubmitting(false);
    if (outcome.kind === 'answered') return onAnswered(outcome.answer);
    if (outcome.kind === 'unknown') return onUnknown?.();
    setError(outcome.error);
    onRefused?.(outcome.error);
  };
  return { submit: send, isSubmitting, error, clearError: () => setError(null) };
}
