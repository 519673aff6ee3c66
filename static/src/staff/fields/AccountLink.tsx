import { formatAccountNumber } from '../../format/accountNumber';
import { InlineLink } from './InlineLink';

export const AccountLink = ({ number }: { number: string | null | undefined }) =>
  number ? (
    <InlineLink to={`/accounts/${encodeURIComponent(number)}/show`}>{formatAccountNumber(number)}</InlineLink>
  ) : (
    <>–</>
  );
