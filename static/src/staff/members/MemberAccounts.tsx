import Button from '@mui/material/Button';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router-dom';
import { fetchJson } from '../../api/http';
import type { Account, List } from '../../api/types';
import { useFieldNames, useLanguage } from '../../i18n/staff';
import { AccountLink } from '../fields/AccountLink';
import { Money } from '../fields/Money';
import { StatusChip } from '../fields/StatusChip';
import { useCan } from '../hooks/useCan';
import { Card } from '../record/Card';
import { SimpleTable } from '../record/SimpleTable';

/** The accounts of a member. */
export function MemberAccounts({ id }: { id: string }) {
  const { t } = useLanguage();
  const can = useCan();
  const { data } = useQuery({
    queryKey: ['accounts', 'of', id],
    queryFn: () => fetchJson<List<Account>>('GET', '/accounts', { query: { owner: id, limit: 200 } }),
  });
  const name = useFieldNames('accounts');
  return (
    <Card
      title={t('resources.accounts.name', { count: 2 })}
      flush
      aside={
        can('create', 'accounts') && (
          <Button
            component={Link}
            size="small"
            to={`/accounts/create?source=${encodeURIComponent(JSON.stringify({ owner: id }))}`}
          >
            {t('staff.openAccount')}
          </Button>
        )
      }
    >
      <SimpleTable
        label={t('resources.accounts.name', { count: 2 })}
        rows={data?.data}
        keyOf={account => account.number}
        columns={[
          { name: name('number'), value: account => <AccountLink number={account.number} /> },
          { name: name('type'), value: account => account.type.name },
          { name: name('status'), value: account => <StatusChip value={account.status} /> },
          { name: name('posted'), right: true, value: account => <Money minor={account.posted} of={account} /> },
          { name: name('available'), right: true, value: account => <Money minor={account.available} of={account} /> },
        ]}
      />
    </Card>
  );
}
