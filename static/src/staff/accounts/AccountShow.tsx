import Edit from '@mui/icons-material/EditOutlined';
import Memory from '@mui/icons-material/MemoryOutlined';
import PointOfSale from '@mui/icons-material/PointOfSaleOutlined';
import Button from '@mui/material/Button';
import { RecordContextProvider } from 'react-admin';
import { Link } from 'react-router-dom';
import { formatAccountNumber } from '../../format/accountNumber';
import { formatNumber } from '../../format/numbers';
import { useFieldNames, useLanguage } from '../../i18n/staff';
import type { AccountRecord } from '../api/records';
import { DateTime } from '../fields/DateTime';
import { LimitText } from '../fields/LimitText';
import { Money } from '../fields/Money';
import { StatusChip } from '../fields/StatusChip';
import { HistoryCard } from '../history/HistoryCard';
import { useCan } from '../hooks/useCan';
import { Card } from '../record/Card';
import { DescriptionList } from '../record/DescriptionList';
import { ShowPage } from '../record/ShowPage';
import { AccountActions } from './AccountActions';
import { AccountEntries } from './AccountEntries';
import { AccountHolds } from './AccountHolds';
import { OwnerLink } from './OwnerLink';

export function AccountShow() {
  const { t, language } = useLanguage();
  const can = useCan();
  const field = useFieldNames('accounts');
  const source = (own: number | null | undefined) => (own === -1 ? t('staff.limit.inherited') : t('staff.limit.own'));
  return (
    <ShowPage<AccountRecord>
      title={account => formatAccountNumber(account.number)}
      mark={account => <StatusChip value={account.status} />}
      note={account => (
        <RecordContextProvider value={account}>
          <OwnerLink /> · {account.type.name}
        </RecordContextProvider>
      )}
      aside={account => (
        <>
          <Button
            component={Link}
            to={`/engine/actors/${encodeURIComponent(account.number)}`}
            color="secondary"
            variant="outlined"
            startIcon={<Memory />}
          >
            {t('engine.actor')}
          </Button>
          {can('create', 'counter') && account.role === 'customer' && account.status !== 'closed' && (
            <Button
              component={Link}
              to={`/counter?account=${encodeURIComponent(account.number)}`}
              color="secondary"
              variant="outlined"
              startIcon={<PointOfSale />}
            >
              {t('staff.counter')}
            </Button>
          )}
          {can('edit', 'accounts') && account.role === 'customer' && account.status !== 'closed' && (
            <Button
              component={Link}
              to={`/accounts/${encodeURIComponent(account.number)}`}
              variant="contained"
              startIcon={<Edit />}
            >
              {t('ra.action.edit')}
            </Button>
          )}
        </>
      )}
    >
      {account => (
        <>
          <Card title={t('staff.balances')}>
            <DescriptionList
              rows={[
                [field('posted'), <Money key="p" minor={account.posted} of={account} />],
                [field('available'), <Money key="a" minor={account.available} of={account} />],
                [field('held'), <Money key="h" minor={account.held} of={account} />],
                [field('pending_in'), <Money key="i" minor={account.pending_in} of={account} />],
                [field('overdraft'), <Money key="o" minor={account.overdraft} of={account} />],
              ]}
            />
          </Card>
          <Card title={t('staff.limits')}>
            <DescriptionList
              rows={[
                [
                  field('limit_per_transfer'),
                  <span key="t">
                    <LimitText minor={account.limit_per_transfer} of={account} /> ·{' '}
                    {source(account.own_limit_per_transfer)}
                  </span>,
                ],
                [
                  field('limit_per_day'),
                  <span key="d">
                    <LimitText minor={account.limit_per_day} of={account} /> · {source(account.own_limit_per_day)}
                  </span>,
                ],
                [
                  field('left_today'),
                  account.left_today === null ? (
                    t('staff.noLimit')
                  ) : (
                    <Money key="l" minor={account.left_today} of={account} />
                  ),
                ],
                [field('free_transfers_left'), account.free_transfers_left],
                [field('frozen.debits'), t(`ra.boolean.${account.frozen.debits}`)],
                [field('frozen.credits'), t(`ra.boolean.${account.frozen.credits}`)],
                [field('opened_at'), <DateTime key="at" at={account.opened_at} />],
                [field('position'), formatNumber(account.position, language)],
              ]}
            />
          </Card>
          {can('edit', 'accounts') && account.role === 'customer' && account.status !== 'closed' && (
            <AccountActions account={account} />
          )}
          <AccountHolds account={account} />
          <AccountEntries number={account.number} />
          <HistoryCard object="account" id={account.number} />
        </>
      )}
    </ShowPage>
  );
}
