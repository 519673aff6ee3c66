import type { Transfer } from '../../api/types';

/**
 * A transfer as its receipt tells it: of a hold that ended after a part of it was handed over, that part is what was paid,
 * whatever became of the rest.
 */
export function settled(transfer: Transfer): Transfer {
  const { kind, status, captured, fee, amount } = transfer;
  const isOpen = status === 'pending' || status === 'held';
  if (kind !== 'hold' || isOpen || captured === 0 || captured === amount) return transfer;
  return { ...transfer, status: 'posted', amount: captured, total: captured + fee, reason: null };
}
