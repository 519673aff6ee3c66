import { useRecordContext } from 'react-admin';
import { useLanguage } from '../../i18n/staff';
import type { TypeRecord } from '../api/records';
import { LimitText } from '../fields/LimitText';
import { Money } from '../fields/Money';
import { TitleField } from '../fields/TitleField';
import { Column } from '../list/Column';
import { FacetFilter } from '../list/FacetFilter';
import { FilterPanel } from '../list/FilterPanel';
import { ListPage } from '../list/ListPage';
import { RecordTable } from '../list/RecordTable';

function LimitOf({ source }: { source: 'limit_per_transfer' | 'limit_per_day' }) {
  const type = useRecordContext<TypeRecord>();
  return type ? <LimitText minor={type[source]} of={type} /> : null;
}

function Fee() {
  const type = useRecordContext<TypeRecord>();
  return type ? <Money minor={type.fee} of={type} /> : null;
}

export function TypeList() {
  const { t } = useLanguage();
  const panel = (
    <FilterPanel>
      <FacetFilter name="currency" label={t('resources.account-types.fields.currency')} />
    </FilterPanel>
  );
  return (
    <ListPage order="code" searched create panel={panel}>
      <RecordTable>
        <Column source="code">
          <TitleField source="code" resource="account-types" />
        </Column>
        <Column source="name" />
        <Column source="currency" />
        <Column source="limit_per_transfer" align="right">
          <LimitOf source="limit_per_transfer" />
        </Column>
        <Column source="limit_per_day" align="right">
          <LimitOf source="limit_per_day" />
        </Column>
        <Column source="fee" align="right">
          <Fee />
        </Column>
      </RecordTable>
    </ListPage>
  );
}
