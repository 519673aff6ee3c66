import { useFieldNames, useLanguage } from '../../i18n/staff';
import { AccountField } from '../fields/AccountField';
import { EnumField } from '../fields/EnumField';
import { MoneyField } from '../fields/MoneyField';
import { StatusField } from '../fields/StatusField';
import { Column } from '../list/Column';
import { DateFilter } from '../list/DateFilter';
import { FacetFilter } from '../list/FacetFilter';
import { FilterPanel } from '../list/FilterPanel';
import { ListPage } from '../list/ListPage';
import { RecordTable } from '../list/RecordTable';
import { TransferFilters } from './TransferFilters';
import { TransferTimeLink } from './TransferTimeLink';

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

/** The list of all transfers, newest first. */
export function TransferList() {
  const { t } = useLanguage();
  const field = useFieldNames('transfers');
  const panel = (
    <FilterPanel>
      <TransferFilters />
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
          <TransferTimeLink resource="transfers" />
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
