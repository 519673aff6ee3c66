import AcUnit from '@mui/icons-material/AcUnitOutlined';
import LockOpen from '@mui/icons-material/LockOpenOutlined';
import Box from '@mui/material/Box';
import { useCanAccess, useListContext, useRecordContext, useTranslate } from 'react-admin';
import type { components } from '../../api/schema';
import { digits } from '../../format/money';
import { figures } from '../../theme';
import { changeAccounts } from '../api/actions';
import type { AccountRecord } from '../api/records';
import { Account, Amount, State, Time } from '../fields/fields';
import { Bulk } from '../list/BulkAction';
import { Column } from '../list/Column';
import { DateDrill } from '../list/DateFilter';
import { Facet } from '../list/FacetFilter';
import { FilterPanel } from '../list/FilterPanel';
import { ListPage } from '../list/ListPage';
import { Table } from '../list/RecordTable';
import { useLast } from '../list/useLastDefined';
import type { Listed } from '../providers/dataProvider';
import { ChangeType } from './ChangeTypeButton';
import { Owner } from './OwnerLink';

type Sums = components['schemas']['CurrencySums'];

export function AccountList() {
  const t = useTranslate();
  const { canAccess } = useCanAccess({ resource: 'accounts', action: 'edit' });
  const field = (name: string) => t(`resources.accounts.fields.${name}`);
  const panel = (
    <FilterPanel>
      <Facet name="status" label={field('status')} text={value => `staff.state.${value}`} />
      <Facet name="type" label={field('type')} />
      <Facet name="currency" label={field('currency')} />
      <Facet name="own_limits" label={field('own_limits')} text={value => `ra.boolean.${value}`} />
      <DateDrill name="opened" counted="opened_at" label={field('opened_at')} />
    </FilterPanel>
  );
  const bulk = canAccess && (
    <>
      <Bulk
        name="staff.freeze"
        icon={<AcUnit />}
        question="staff.freeze_many"
        run={changeAccounts('freeze')}
        color="error"
      />
      <Bulk name="staff.unfreeze" icon={<LockOpen />} question="staff.unfreeze_many" run={changeAccounts('unfreeze')} />
      <ChangeType />
    </>
  );
  return (
    <ListPage order="number" searched create panel={panel} summary={<Totals />}>
      <Table bulk={bulk} hidden={['pending_in', 'overdraft', 'limit_per_transfer', 'limit_per_day', 'currency']}>
        <Column source="number">
          <Account source="number" />
        </Column>
        <Column source="owner.name" by="name">
          <Owner />
        </Column>
        <Column source="type.name" by="type_name" />
        <Column source="status">
          <State source="status" />
        </Column>
        <Column source="currency" />
        <Column source="posted" align="right">
          <Amount source="posted" />
        </Column>
        <Column source="held" align="right">
          <Amount source="held" />
        </Column>
        <Column source="available" align="right">
          <Available />
        </Column>
        <Column source="pending_in" align="right">
          <Amount source="pending_in" />
        </Column>
        <Column source="overdraft" align="right">
          <Amount source="overdraft" />
        </Column>
        <Column source="limit_per_transfer" align="right">
          <Amount source="limit_per_transfer" />
        </Column>
        <Column source="limit_per_day" align="right">
          <Amount source="limit_per_day" />
        </Column>
        <Column source="opened_at">
          <Time source="opened_at" />
        </Column>
      </Table>
    </ListPage>
  );
}

/** What can be spent. Of the bank's own accounts that is no figure that says anything. */
function Available() {
  const account = useRecordContext<AccountRecord>();
  return account?.role === 'customer' ? <Amount source="available" /> : <>–</>;
}

/** What the customers among everything that fits have, by currency. The bank's own accounts would bring each sum to nothing. */
function Totals() {
  const t = useTranslate();
  const { meta } = useListContext();
  const totals = useLast((meta as { totals?: Listed['totals'] } | undefined)?.totals);
  const text = (sum: Sums) => {
    const money = (minor: number) => `${digits(minor, sum.scale)} ${sum.currency}`;
    const whole = t('staff.customers_have', { smart_count: sum.accounts, posted: money(sum.posted) });
    return sum.held > 0 ? `${whole}, ${t('staff.of_it_held', { held: money(sum.held) })}` : whole;
  };
  return (
    <Box
      sx={{
        ...figures,
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
