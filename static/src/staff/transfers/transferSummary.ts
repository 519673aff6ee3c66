import type { Subject } from '../../submissions/requests';
import type { TransferRecord } from '../api/records';

/** Returns the subject of a request about a transfer. */
export const transferSubject = ({ amount, remaining, currency, scale, from, to, kind }: TransferRecord): Subject => ({
  minor: kind === 'hold' ? remaining : amount,
  currency: currency ?? undefined,
  scale: scale ?? undefined,
  from: from ?? undefined,
  to: to ?? undefined,
});
