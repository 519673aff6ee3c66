import { useRecordContext } from 'react-admin';
import { AccountLink } from './AccountLink';
import { valueAt } from './valueAt';

/** A link to an account of the transfer. */
export function AccountField({ source }: { source: string }) {
  return <AccountLink number={valueAt(useRecordContext(), source) as string | null} />;
}
