import { useMutation } from '@tanstack/react-query';
import { useRef } from 'react';
import { useTranslate } from 'react-admin';
import { send } from '../../api/http';
import { asFailure } from '../../api/problem';
import { newKey } from '../../send/attempt';
import type { TransferRecord } from '../resources/records';

export type Kind = 'deposit' | 'withdrawal';

/** Which field a refusal is about. */
const FIELDS: Record<string, 'account' | 'amount'> = {
  account_unknown: 'account', account_closed: 'account', account_frozen: 'account', system_account: 'account',
  amount_zero: 'amount', insufficient_funds: 'amount', limit_per_transfer: 'amount', limit_per_day: 'amount', balance_limit: 'amount', currency_limit: 'amount',
};

/** Books cash. Until a definite answer came the same order keeps its key, so that it is booked at most once. */
export function useCash(onBooked: () => void) {
  const t = useTranslate();
  const attempt = useRef({ of: '', key: '' });
  const action = useMutation({
    mutationFn: ({ kind, body }: { kind: Kind; body: Record<string, unknown> }) => {
      const of = kind + JSON.stringify(body);
      if (attempt.current.of !== of) attempt.current = { of, key: newKey() };
      return send<TransferRecord>('POST', kind === 'deposit' ? '/deposits' : '/withdrawals', { body, key: attempt.current.key });
    },
    onSuccess: () => {
      attempt.current = { of: '', key: '' };
      onBooked();
    },
    onError: error => {
      if (asFailure(error).definite) attempt.current = { of: '', key: '' };
    },
  });
  const failure = action.error ? asFailure(action.error) : null;
  const wrong: Record<string, string | undefined> = {};
  for (const { field, code, detail } of failure?.fields ?? []) wrong[field === 'to' || field === 'from' ? 'account' : field] = t(`staff.problem.${code}`, { _: detail });
  const refused = failure && FIELDS[failure.code];
  if (failure && refused) wrong[refused] ??= t(`staff.problem.${failure.code}`, { _: failure.message });
  return {
    book: (kind: Kind, body: Record<string, unknown>) => action.mutate({ kind, body }),
    isPending: action.isPending,
    done: action.data ?? null,
    error: failure && Object.keys(wrong).length === 0 ? failure : null,
    wrong,
  };
}
