import { useRecordContext } from 'react-admin';
import { useFieldNames, useLanguage } from '../../i18n/staff';
import { revokeToken } from '../api/actions';
import type { TokenRecord } from '../api/records';
import { BooleanField } from '../fields/BooleanField';
import { DateTimeField } from '../fields/DateTimeField';
import { InlineLink } from '../fields/InlineLink';
import { useCan } from '../hooks/useCan';
import { Column } from '../list/Column';
import { DateFilter } from '../list/DateFilter';
import { FacetFilter } from '../list/FacetFilter';
import { FilterPanel } from '../list/FilterPanel';
import { ListPage } from '../list/ListPage';
import { RecordTable } from '../list/RecordTable';
import { ActionButton } from '../record/ActionButton';

export function TokenList() {
  const { t } = useLanguage();
  const can = useCan();
  const field = useFieldNames('tokens');
  const panel = (
    <FilterPanel>
      <FacetFilter name="active" label={field('active')} text={value => t.optional(`ra.boolean.${value}`, value)} />
      <DateFilter name="created" counted="created_at" label={field('created_at')} />
    </FilterPanel>
  );
  return (
    <ListPage order="-created_at" searched panel={panel}>
      <RecordTable rowClick={false} hidden={['revoked_at', 'id']}>
        <Column source="name" />
        <Column source="username">
          <Owner />
        </Column>
        <Column source="scopes" by={false}>
          <Scopes />
        </Column>
        <Column source="active">
          <BooleanField source="active" />
        </Column>
        <Column source="created_at">
          <DateTimeField source="created_at" />
        </Column>
        <Column source="expires_at">
          <DateTimeField source="expires_at" />
        </Column>
        <Column source="last_used_at">
          <DateTimeField source="last_used_at" />
        </Column>
        <Column source="last_used_from" />
        <Column source="revoked_at">
          <DateTimeField source="revoked_at" />
        </Column>
        <Column source="id" />
        {can('delete', 'tokens') && (
          <Column source="revoke" by={false} align="right">
            <Revoke />
          </Column>
        )}
      </RecordTable>
    </ListPage>
  );
}

function Owner() {
  const token = useRecordContext<TokenRecord>();
  return token ? <InlineLink to={`/members/${token.member}/show`}>{token.username}</InlineLink> : null;
}

function Scopes() {
  const { t } = useLanguage();
  const token = useRecordContext<TokenRecord>();
  return <>{token?.scopes.map(scope => t(`staff.scope.${scope}`)).join(', ')}</>;
}

function Revoke() {
  const { t } = useLanguage();
  const token = useRecordContext<TokenRecord>();
  if (!token?.active) return null;
  return (
    <ActionButton
      size="small"
      variant="text"
      color="error"
      name={t('staff.revoke')}
      question={t('staff.revokeQuestion', { name: token.name })}
      done={t('staff.saved')}
      run={() => revokeToken(token.id)}
    />
  );
}
