import type { Transfer } from '../../api/types';

/**
 * A transfer as its receipt tells it: of a hold that ended after a part of it was handed over, that part is what was paid,
 * whatever became of the rest.
 */
export function asSettledTransfer(transfer: Transfer): Transfer {
  const { kind, status, captured, fee } = transfer;
  const isOpen = status === 'pending' || status === 'held';
  if (kind !== 'hold' || isOpen || captured === 0) return transfer;
  const total = fee === null ? null : captured + (fee ?? 0);
  return { ...transfer, status: 'posted', amount: captured, total, customer_text: null };
}
