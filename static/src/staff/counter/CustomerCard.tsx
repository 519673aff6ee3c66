import { useFieldNames, useLanguage } from '../../i18n/staff';
import type { AccountRecord } from '../api/records';
import { AccountLink } from '../fields/AccountLink';
import { InlineLink } from '../fields/InlineLink';
import { Money } from '../fields/Money';
import { StatusChip } from '../fields/StatusChip';
import { Card } from '../record/Card';
import { DescriptionList } from '../record/DescriptionList';

/** The customer at the counter, with the account and its balances. */
export function CustomerCard({ account }: { account: AccountRecord | undefined }) {
  const { t } = useLanguage();
  const field = useFieldNames('accounts');
  const owner = account?.owner;
  return (
    <Card title={t('counter.customer')} aside={account && <StatusChip value={account.status} />}>
      <DescriptionList
        rows={[
          [
            field('owner'),
            owner && (
              <InlineLink to={`/members/${owner.id}/show`}>{owner.name || owner.username || owner.id}</InlineLink>
            ),
          ],
          [field('number'), account && <AccountLink number={account.number} />],
          [field('type'), account?.type.name],
          [field('posted'), account && <Money minor={account.posted} of={account} />],
          [field('available'), account && <Money minor={account.available} of={account} />],
          [field('held'), account && <Money minor={account.held} of={account} />],
        ]}
      />
    </Card>
  );
}
