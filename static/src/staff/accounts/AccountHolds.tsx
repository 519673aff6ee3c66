import { useQuery } from '@tanstack/react-query';
import { fetchJson } from '../../api/http';
import type { Hold, List } from '../../api/types';
import { formatElapsed } from '../../format/dates';
import { useFieldNames, useLanguage } from '../../i18n/staff';
import type { AccountRecord } from '../api/records';
import { AccountLink } from '../fields/AccountLink';
import { DateTime } from '../fields/DateTime';
import { InlineLink } from '../fields/InlineLink';
import { Money } from '../fields/Money';
import { Card } from '../record/Card';
import { SimpleTable } from '../record/SimpleTable';

/** The open holds of an account, oldest first. */
export function AccountHolds({ account }: { account: AccountRecord }) {
  const { t } = useLanguage();
  const title = t('staff.openHolds');
  const { data } = useQuery({
    queryKey: ['holds', account.number, account.version],
    queryFn: () =>
      fetchJson<List<Hold>>('GET', `/accounts/${encodeURIComponent(account.number)}/holds`, { query: { limit: 100 } }),
    retry: false,
  });
  const name = useFieldNames('holds');
  return (
    <Card title={title} flush>
      <SimpleTable
        label={title}
        rows={data?.data}
        keyOf={hold => hold.id}
        empty={t('staff.noHolds')}
        columns={[
          {
            name: name('id'),
            value: hold => <InlineLink to={`/holds/${hold.id}/show`}>{hold.id.slice(-8)}</InlineLink>,
          },
          { name: name('to'), value: hold => <AccountLink number={hold.to} /> },
          { name: name('amount'), right: true, value: hold => <Money minor={hold.amount} of={account} /> },
          { name: name('remaining'), right: true, value: hold => <Money minor={hold.remaining} of={account} /> },
          { name: t('engine.age'), right: true, value: hold => formatElapsed(hold.age_s) },
          { name: name('expires_at'), value: hold => <DateTime at={hold.expires_at} /> },
        ]}
      />
    </Card>
  );
}
