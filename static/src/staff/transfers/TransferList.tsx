import Add from '@mui/icons-material/Add';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import { useRecordContext, useTranslate } from 'react-admin';
import { Link } from 'react-router-dom';
import type { TransferRecord } from '../api/records';
import { Account, Amount, State, Time, Word } from '../fields/fields';
import { useMay } from '../hooks/useCan';
import { Column } from '../list/Column';
import { DateDrill } from '../list/DateFilter';
import { Facet } from '../list/FacetFilter';
import { FilterPanel } from '../list/FilterPanel';
import { ListPage } from '../list/ListPage';
import { Table } from '../list/RecordTable';
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
  const t = useTranslate();
  const field = (name: string) => t(`resources.transfers.fields.${name}`);
  const panel = (
    <FilterPanel>
      <MovementFilters />
      <Facet name="status" label={field('status')} values={STATES} text={value => `staff.state.${value}`} />
      <Facet name="kind" label={field('kind')} values={KINDS} text={value => `staff.kind.${value}`} />
      <DateDrill name="on" label={field('date')} />
    </FilterPanel>
  );
  return (
    <ListPage order="-created_at" searched endless panel={panel}>
      <Table windowed hidden={['total', 'reference', 'date', 'id']}>
        <Column source="created_at">
          <MovementTitle resource="transfers" />
        </Column>
        <Column source="kind" by={false}>
          <Word source="kind" of="kind" />
        </Column>
        <Column source="status" by={false}>
          <State source="status" />
        </Column>
        <Column source="from" by={false}>
          <Account source="from" />
        </Column>
        <Column source="to" by={false}>
          <Account source="to" />
        </Column>
        <Column source="amount" by={false} align="right">
          <Amount source="amount" />
        </Column>
        <Column source="fee" by={false} align="right">
          <Amount source="fee" />
        </Column>
        <Column source="total" by={false} align="right">
          <Amount source="total" />
        </Column>
        <Column source="sender_label" by={false} />
        <Column source="receiver_label" by={false} />
        <Column source="reference" by={false} />
        <Column source="date" by={false} />
        <Column source="id" by={false} />
      </Table>
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
  const t = useTranslate();
  const may = useMay();
  const field = (name: string) => t(`resources.holds.fields.${name}`);
  const panel = (
    <FilterPanel>
      <MovementFilters />
      <Facet name="status" label={field('status')} values={HOLD_STATES} text={value => `staff.state.${value}`} />
      <DateDrill name="on" label={field('date')} />
    </FilterPanel>
  );
  return (
    <ListPage
      order="-created_at"
      searched
      endless
      panel={panel}
      action={
        may('create', 'counter') && (
          <Button component={Link} to="/counter?kind=hold" variant="contained" startIcon={<Add />}>
            {t('staff.do.hold')}
          </Button>
        )
      }
    >
      <Table windowed hidden={['captured', 'fee', 'ended_at', 'reason', 'id']}>
        <Column source="created_at">
          <MovementTitle resource="holds" />
        </Column>
        <Column source="status" by={false}>
          <State source="status" />
        </Column>
        <Column source="from" by={false}>
          <Account source="from" />
        </Column>
        <Column source="to" by={false}>
          <Account source="to" />
        </Column>
        <Column source="amount" by={false} align="right">
          <Amount source="amount" />
        </Column>
        <Column source="captured" by={false} align="right">
          <Amount source="captured" />
        </Column>
        <Column source="remaining" by={false} align="right">
          <Amount source="remaining" />
        </Column>
        <Column source="fee" by={false} align="right">
          <Amount source="fee" />
        </Column>
        <Column source="ended_at" by={false}>
          <Time source="ended_at" />
        </Column>
        <Column source="reason" by={false} />
        <Column source="id" by={false} />
        {may('settle', 'holds') && (
          <Column source="settle" by={false} align="right">
            <Ends />
          </Column>
        )}
      </Table>
    </ListPage>
  );
}
