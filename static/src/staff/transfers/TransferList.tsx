import Add from '@mui/icons-material/Add';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import { useRecordContext } from 'react-admin';
import { Link } from 'react-router-dom';
import { useFieldNames, useLanguage } from '../../i18n/staff';
import type { TransferRecord } from '../api/records';
import { AccountField, DateTimeField, EnumField, MoneyField, StatusField } from '../fields/fields';
import { useCan } from '../hooks/useCan';
import { Column } from '../list/Column';
import { DateFilter } from '../list/DateFilter';
import { FacetFilter } from '../list/FacetFilter';
import { FilterPanel } from '../list/FilterPanel';
import { ListPage } from '../list/ListPage';
import { RecordTable } from '../list/RecordTable';
import { HoldActions } from './HoldActions';
import { MovementFilters } from './MovementFilters';
import { MovementTitle } from './MovementTitle';

const STATES = [
  'posted',
  'pending',
  'cancelled',
  'rejected',
  'held',
  'settled',
  'partly_settled',
  'voided',
  'expired',
  'refused',
] as const;
const KINDS = ['transfer', 'deposit', 'withdrawal', 'hold', 'settlement', 'release', 'reversal', 'sweep'] as const;

/** Every movement of money, newest first, as far as one scrolls. */
export function TransferList() {
  const { t } = useLanguage();
  const field = useFieldNames('transfers');
  const panel = (
    <FilterPanel>
      <MovementFilters />
      <FacetFilter
        name="status"
        label={field('status')}
        values={STATES}
        text={value => t.optional(`staff.state.${value}`, value)}
      />
      <FacetFilter
        name="kind"
        label={field('kind')}
        values={KINDS}
        text={value => t.optional(`staff.kind.${value}`, value)}
      />
      <DateFilter name="on" label={field('date')} />
    </FilterPanel>
  );
  return (
    <ListPage order="-created_at" searched endless panel={panel}>
      <RecordTable windowed hidden={['total', 'reference', 'date', 'id']}>
        <Column source="created_at">
          <MovementTitle resource="transfers" />
        </Column>
        <Column source="kind" by={false}>
          <EnumField source="kind" of="kind" />
        </Column>
        <Column source="status" by={false}>
          <StatusField source="status" />
        </Column>
        <Column source="from" by={false}>
          <AccountField source="from" />
        </Column>
        <Column source="to" by={false}>
          <AccountField source="to" />
        </Column>
        <Column source="amount" by={false} align="right">
          <MoneyField source="amount" />
        </Column>
        <Column source="fee" by={false} align="right">
          <MoneyField source="fee" />
        </Column>
        <Column source="total" by={false} align="right">
          <MoneyField source="total" />
        </Column>
        <Column source="sender_label" by={false} />
        <Column source="receiver_label" by={false} />
        <Column source="reference" by={false} />
        <Column source="date" by={false} />
        <Column source="id" by={false} />
      </RecordTable>
    </ListPage>
  );
}

/** What can be done about the hold of the row; a click on it does not open the row. */
function Ends() {
  const hold = useRecordContext<TransferRecord>();
  return hold ? (
    <Box onClick={event => event.stopPropagation()} sx={{ display: 'flex', gap: 0.75, justifyContent: 'flex-end' }}>
      <HoldActions hold={hold} size="small" />
    </Box>
  ) : null;
}

const HOLD_STATES = ['held', 'settled', 'partly_settled', 'voided', 'expired'] as const;

/** Money that is, or was, set aside. */
export function HoldList() {
  const { t } = useLanguage();
  const can = useCan();
  const field = useFieldNames('holds');
  const panel = (
    <FilterPanel>
      <MovementFilters />
      <FacetFilter
        name="status"
        label={field('status')}
        values={HOLD_STATES}
        text={value => t.optional(`staff.state.${value}`, value)}
      />
      <DateFilter name="on" label={field('date')} />
    </FilterPanel>
  );
  return (
    <ListPage
      order="-created_at"
      searched
      endless
      panel={panel}
      action={
        can('create', 'counter') && (
          <Button component={Link} to="/counter?kind=hold" variant="contained" startIcon={<Add />}>
            {t('counter.submit.hold')}
          </Button>
        )
      }
    >
      <RecordTable windowed hidden={['captured', 'fee', 'ended_at', 'reason', 'id']}>
        <Column source="created_at">
          <MovementTitle resource="holds" />
        </Column>
        <Column source="status" by={false}>
          <StatusField source="status" />
        </Column>
        <Column source="from" by={false}>
          <AccountField source="from" />
        </Column>
        <Column source="to" by={false}>
          <AccountField source="to" />
        </Column>
        <Column source="amount" by={false} align="right">
          <MoneyField source="amount" />
        </Column>
        <Column source="captured" by={false} align="right">
          <MoneyField source="captured" />
        </Column>
        <Column source="remaining" by={false} align="right">
          <MoneyField source="remaining" />
        </Column>
        <Column source="fee" by={false} align="right">
          <MoneyField source="fee" />
        </Column>
        <Column source="ended_at" by={false}>
          <DateTimeField source="ended_at" />
        </Column>
        <Column source="reason" by={false} />
        <Column source="id" by={false} />
        {can('settle', 'holds') && (
          <Column source="settle" by={false} align="right">
            <Ends />
          </Column>
        )}
      </RecordTable>
    </ListPage>
  );
}
