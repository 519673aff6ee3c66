import { useQuery } from '@tanstack/react-query';
import { useTranslate } from 'react-admin';
import { send } from '../../api/http';
import type { Hold, List } from '../../api/types';
import { elapsed } from '../../format/dates';
import type { AccountRecord } from '../api/records';
import { AccountLink, Moment, Sum, To } from '../fields/fields';
import { Card } from '../record/Card';
import { Rows } from '../record/SimpleTable';

/** The open holds of an account, oldest first. */
export function AccountHolds({ account }: { account: AccountRecord }) {
  const t = useTranslate();
  const title = t('staff.open_holds');
  const { data } = useQuery({
    queryKey: ['holds', account.number, account.version],
    queryFn: () =>
      send<List<Hold>>('GET', `/accounts/${encodeURIComponent(account.number)}/holds`, { query: { limit: 100 } }),
    retry: false,
  });
  const name = (field: string) => t(`resources.holds.fields.${field}`);
  return (
    <Card title={title} flush>
      <Rows
        label={title}
        rows={data?.data}
        keyOf={hold => hold.id}
        empty={t('staff.no_holds')}
        columns={[
          { name: name('id'), value: hold => <To to={`/holds/${hold.id}/show`}>{hold.id.slice(-8)}</To> },
          { name: name('to'), value: hold => <AccountLink number={hold.to} /> },
          { name: name('amount'), right: true, value: hold => <Sum minor={hold.amount} of={account} /> },
          { name: name('remaining'), right: true, value: hold => <Sum minor={hold.remaining} of={account} /> },
          { name: t('engine.age'), right: true, value: hold => elapsed(hold.age_s) },
          { name: name('expires_at'), value: hold => <Moment at={hold.expires_at} /> },
        ]}
      />
    </Card>
  );
}
