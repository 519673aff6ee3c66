import { useRecordContext } from 'react-admin';
import { AccountLink } from './AccountLink';
import { valueAt } from './valueAt';

/** The other account of a movement. */
export function AccountField({ source }: { source: string }) {
  return <AccountLink number={valueAt(useRecordContext(), source) as string | null} />;
}
