import { useMutation } from '@tanstack/react-query';
import { useTranslate } from 'react-admin';
import { send } from '../../api/http';
import { asFailure } from '../../api/problem';
import type { TransferRecord } from '../resources/records';
import { useOnce } from '../useOnce';

interface Order {
  path: '/deposits' | '/withdrawals' | '/holds' | '/linked';
  body: Record<string, unknown>;
}

/** Codes of refusals that are about one field, where the service does not name it. */
const FIELDS: Record<string, string> = { currency_limit: 'amount' };

/** Books an order at the counter. What is refused is told at its field, by the names that the service has for them. */
export function useOrder<Booked = TransferRecord>(onBooked: () => void) {
  const t = useTranslate();
  const once = useOnce('counter');
  const action = useMutation({
    mutationFn: (order: Order) => once(order, key => send<Booked>('POST', order.path, { body: order.body, key })),
    onSuccess: onBooked,
  });
  const failure = action.error ? asFailure(action.error) : null;
  const wrong: Record<string, string | undefined> = {};
  for (const { field, code, detail } of failure?.fields ?? []) wrong[field] = t(`staff.problem.${code}`, { _: detail });
  const field = failure && FIELDS[failure.code];
  if (failure && field) wrong[field] ??= t(`staff.problem.${failure.code}`, { _: failure.message });
  return {
    book: action.mutate,
    /** Forgets what was refused, because something else is being filled in. */
    reset: action.reset,
    isPending: action.isPending,
    done: action.data ?? null,
    error: failure && Object.keys(wrong).length === 0 ? failure : null,
    wrong,
  };
}
