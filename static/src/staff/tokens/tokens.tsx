import Key from '@mui/icons-material/VpnKeyOutlined';
import { useRecordContext, useTranslate } from 'react-admin';
import { revokeToken } from '../api/actions';
import type { TokenRecord } from '../api/records';
import { Time, To, YesNo } from '../fields/fields';
import { useMay } from '../hooks/useCan';
import { Column } from '../list/Column';
import { DateDrill } from '../list/DateFilter';
import { Facet } from '../list/FacetFilter';
import { FilterPanel } from '../list/FilterPanel';
import { ListPage } from '../list/ListPage';
import { Table } from '../list/RecordTable';
import { Act } from '../record/ActionButton';

function TokenList() {
  const t = useTranslate();
  const may = useMay();
  const field = (name: string) => t(`resources.tokens.fields.${name}`);
  const panel = (
    <FilterPanel>
      <Facet name="active" label={field('active')} text={value => `ra.boolean.${value}`} />
      <DateDrill name="created" counted="created_at" label={field('created_at')} />
    </FilterPanel>
  );
  return (
    <ListPage order="-created_at" searched panel={panel}>
      <Table rowClick={false} hidden={['revoked_at', 'id']}>
        <Column source="name" />
        <Column source="username">
          <Owner />
        </Column>
        <Column source="scopes" by={false}>
          <Scopes />
        </Column>
        <Column source="active">
          <YesNo source="active" />
        </Column>
        <Column source="created_at">
          <Time source="created_at" />
        </Column>
        <Column source="expires_at">
          <Time source="expires_at" />
        </Column>
        <Column source="last_used_at">
          <Time source="last_used_at" />
        </Column>
        <Column source="last_used_from" />
        <Column source="revoked_at">
          <Time source="revoked_at" />
        </Column>
        <Column source="id" />
        {may('delete', 'tokens') && (
          <Column source="revoke" by={false} align="right">
            <Revoke />
          </Column>
        )}
      </Table>
    </ListPage>
  );
}

function Owner() {
  const token = useRecordContext<TokenRecord>();
  return token ? <To to={`/members/${token.member}/show`}>{token.username}</To> : null;
}

function Scopes() {
  const t = useTranslate();
  const token = useRecordContext<TokenRecord>();
  return <>{token?.scopes.map(scope => t(`staff.scope.${scope}`)).join(', ')}</>;
}

function Revoke() {
  const t = useTranslate();
  const token = useRecordContext<TokenRecord>();
  if (!token?.active) return null;
  return (
    <Act
      size="small"
      variant="text"
      color="error"
      name={t('staff.revoke')}
      question={t('staff.revoke_question', { name: token.name })}
      done="staff.saved"
      run={() => revokeToken(token.id)}
    />
  );
}

export const tokens = { name: 'tokens', icon: Key, list: TokenList, recordRepresentation: 'name' };
