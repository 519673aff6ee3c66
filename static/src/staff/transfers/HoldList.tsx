import Add from '@mui/icons-material/Add';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import { useRecordContext } from 'react-admin';
import { Link } from 'react-router-dom';
import { useFieldNames, useLanguage } from '../../i18n/staff';
import type { TransferRecord } from '../api/records';
import { AccountField } from '../fields/AccountField';
import { DateTimeField } from '../fields/DateTimeField';
import { MoneyField } from '../fields/MoneyField';
import { StatusField } from '../fields/StatusField';
import { useCan } from '../hooks/useCan';
import { Column } from '../list/Column';
import { DateFilter } from '../list/DateFilter';
import { FacetFilter } from '../list/FacetFilter';
import { FilterPanel } from '../list/FilterPanel';
import { ListPage } from '../list/ListPage';
import { RecordTable } from '../list/RecordTable';
import { HoldActions } from './HoldActions';
import { TransferFilters } from './TransferFilters';
import { TransferTimeLink } from './TransferTimeLink';

/** The actions on the row's hold. A click does not open the row. */
function Ends() {
  const hold = useRecordContext<TransferRecord>();
  return hold ? (
    <Box onClick={event => event.stopPropagation()} sx={{ display: 'flex', gap: 0.75, justifyContent: 'flex-end' }}>
      <HoldActions hold={hold} size="small" />
    </Box>
  ) : null;
}

const HOLD_STATES = ['held', 'settled', 'partly_settled', 'voided', 'expired'] as const;

/** The list of holds, open and ended. */
export function HoldList() {
  const { t } = useLanguage();
  const can = useCan();
  const field = useFieldNames('holds');
  const panel = (
    <FilterPanel>
      <TransferFilters />
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
          <TransferTimeLink resource="holds" />
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
