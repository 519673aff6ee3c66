import AcUnit from '@mui/icons-material/AcUnitOutlined';
import LockOpen from '@mui/icons-material/LockOpenOutlined';
import Box from '@mui/material/Box';
import { useCanAccess, useListContext, useRecordContext } from 'react-admin';
import type { components } from '../../api/schema';
import { formatAmount } from '../../format/money';
import { useFieldNames, useLanguage } from '../../i18n/staff';
import { tabularNumbers } from '../../theme';
import { changeAccounts } from '../api/actions';
import type { AccountRecord } from '../api/records';
import { AccountField } from '../fields/AccountField';
import { DateTimeField } from '../fields/DateTimeField';
import { MoneyField } from '../fields/MoneyField';
import { StatusField } from '../fields/StatusField';
import { BulkAction } from '../list/BulkAction';
import { Column } from '../list/Column';
import { DateFilter } from '../list/DateFilter';
import { FacetFilter } from '../list/FacetFilter';
import { FilterPanel } from '../list/FilterPanel';
import { ListPage } from '../list/ListPage';
import { RecordTable } from '../list/RecordTable';
import { useLastDefined } from '../list/useLastDefined';
import type { ResourcePage } from '../providers/dataProvider';
import { ChangeTypeButton } from './ChangeTypeButton';
import { OwnerLink } from './OwnerLink';

type Sums = components['schemas']['CurrencySums'];

export function AccountList() {
  const { t } = useLanguage();
  const { canAccess } = useCanAccess({ resource: 'accounts', action: 'edit' });
  const field = useFieldNames('accounts');
  const panel = (
    <FilterPanel>
      <FacetFilter name="status" label={field('status')} text={value => t.optional(`staff.state.${value}`, value)} />
      <FacetFilter name="type" label={field('type')} />
      <FacetFilter name="currency" label={field('currency')} />
      <FacetFilter
        name="own_limits"
        label={field('own_limits')}
        text={value => t.optional(`ra.boolean.${value}`, value)}
      />
      <DateFilter name="opened" counted="opened_at" label={field('opened_at')} />
    </FilterPanel>
  );
  const bulk = canAccess && (
    <>
      <BulkAction
        title={t('staff.freeze')}
        icon={<AcUnit />}
        question={count => t('staff.freezeMany', { count })}
        run={changeAccounts('freeze')}
        color="error"
      />
      <BulkAction
        title={t('staff.unfreeze')}
        icon={<LockOpen />}
        question={count => t('staff.unfreezeMany', { count })}
        run={changeAccounts('unfreeze')}
      />
      <ChangeTypeButton />
    </>
  );
  return (
    <ListPage order="number" searched create panel={panel} summary={<Totals />}>
      <RecordTable bulk={bulk} hidden={['pending_in', 'overdraft', 'limit_per_transfer', 'limit_per_day', 'currency']}>
        <Column source="number">
          <AccountField source="number" />
        </Column>
        <Column source="owner.name" by="name">
          <OwnerLink />
        </Column>
        <Column source="type.name" by="type_name" />
        <Column source="status">
          <StatusField source="status" />
        </Column>
        <Column source="currency" />
        <Column source="posted" align="right">
          <MoneyField source="posted" />
        </Column>
        <Column source="held" align="right">
          <MoneyField source="held" />
        </Column>
        <Column source="available" align="right">
          <Available />
        </Column>
        <Column source="pending_in" align="right">
          <MoneyField source="pending_in" />
        </Column>
        <Column source="overdraft" align="right">
          <MoneyField source="overdraft" />
        </Column>
        <Column source="limit_per_transfer" align="right">
          <MoneyField source="limit_per_transfer" />
        </Column>
        <Column source="limit_per_day" align="right">
          <MoneyField source="limit_per_day" />
        </Column>
        <Column source="opened_at">
          <DateTimeField source="opened_at" />
        </Column>
      </RecordTable>
    </ListPage>
  );
}

/** The available amount, which means nothing for the bank's own accounts. */
function Available() {
  const account = useRecordContext<AccountRecord>();
  return account?.role === 'customer' ? <MoneyField source="available" /> : <>–</>;
}

/**
 * The customers' balances among the accounts that match, by currency. The bank's own accounts would cancel them out.
 */
function Totals() {
  const { t } = useLanguage();
  const { meta } = useListContext();
  const totals = useLastDefined((meta as { totals?: ResourcePage['totals'] } | undefined)?.totals);
  const text = (sum: Sums) => {
    const money = (minor: number) => `${formatAmount(minor, sum.scale)} ${sum.currency}`;
    const whole = t('staff.customersHave', { count: sum.accounts, posted: money(sum.posted) });
    return sum.held > 0 ? `${whole}, ${t('staff.ofItHeld', { held: money(sum.held) })}` : whole;
  };
  return (
    <Box
      sx={{
        ...tabularNumbers,
        display: 'flex',
        flexWrap: 'wrap',
        columnGap: 3,
        minHeight: 24,
        fontSize: '0.875rem',
        color: 'text.secondary',
      }}
    >
      {totals?.customers.map(sum => (
        <span key={sum.currency}>{text(sum)}</span>
      ))}
    </Box>
  );
}
