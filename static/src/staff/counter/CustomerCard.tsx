import { useTranslate } from 'react-admin';
import type { AccountRecord } from '../api/records';
import { AccountLink, Mark, Sum, To } from '../fields/fields';
import { Card, Facts } from '../record/Card';

/** Who stands at the desk: whose account it is, and what it has. */
export function Customer({ account }: { account: AccountRecord | undefined }) {
  const t = useTranslate();
  const field = (name: string) => t(`resources.accounts.fields.${name}`);
  const owner = account?.owner;
  return (
    <Card title={t('staff.customer')} aside={account && <Mark value={account.status} />}>
      <Facts
        rows={[
          [
            field('owner'),
            owner && <To to={`/members/${owner.id}/show`}>{owner.name || owner.username || owner.id}</To>,
          ],
          [field('number'), account && <AccountLink number={account.number} />],
          [field('type'), account?.type.name],
          [field('posted'), account && <Sum minor={account.posted} of={account} />],
          [field('available'), account && <Sum minor={account.available} of={account} />],
          [field('held'), account && <Sum minor={account.held} of={account} />],
        ]}
      />
    </Card>
  );
}
