import type { Transfer } from '../../api/types';

/**
 * Returns a transfer as its receipt shows it. If a part of a hold was settled before it ended, that part is the amount
 * paid, whatever became of the rest.
 */
export function asSettledTransfer(transfer: Transfer): Transfer {
  const { kind, status, captured, fee } = transfer;
  const isOpen = status === 'pending' || status === 'held';
  if (kind !== 'hold' || isOpen || captured === 0) return transfer;
  const total = fee === null ? null : captured + (fee ?? 0);
  return { ...transfer, status: 'posted', amount: captured, total, customer_text: null };
}
