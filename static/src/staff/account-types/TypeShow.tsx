import Edit from '@mui/icons-material/EditOutlined';
import Button from '@mui/material/Button';
import { Link } from 'react-router-dom';
import { useFieldNames, useLanguage } from '../../i18n/staff';
import type { TypeRecord } from '../api/records';
import { LimitText } from '../fields/LimitText';
import { Money } from '../fields/Money';
import { HistoryCard } from '../history/HistoryCard';
import { useCan } from '../hooks/useCan';
import { Card } from '../record/Card';
import { DescriptionList } from '../record/DescriptionList';
import { ShowPage } from '../record/ShowPage';

const link = (code: string) => `/accounts?filter=${encodeURIComponent(JSON.stringify({ type: code }))}`;

export function TypeShow() {
  const { t } = useLanguage();
  const can = useCan();
  const field = useFieldNames('account-types');
  return (
    <ShowPage<TypeRecord>
      title={type => type.name}
      note={type => type.code}
      aside={type => (
        <>
          <Button component={Link} to={link(type.code)} color="secondary" variant="outlined">
            {t('staff.itsAccounts')}
          </Button>
          {can('edit', 'account-types') && type.currency !== null && (
            <Button
              component={Link}
              to={`/account-types/${encodeURIComponent(type.code)}`}
              variant="contained"
              startIcon={<Edit />}
            >
              {t('ra.action.edit')}
            </Button>
          )}
        </>
      )}
    >
      {type => (
        <>
          <Card title={t('staff.terms')}>
            <DescriptionList
              rows={[
                [field('code'), type.code],
                [field('currency'), type.currency ?? t('staff.any')],
                [field('limit_per_transfer'), <LimitText key="t" minor={type.limit_per_transfer} of={type} />],
                [field('limit_per_day'), <LimitText key="d" minor={type.limit_per_day} of={type} />],
                [field('fee'), <Money key="f" minor={type.fee} of={type} />],
              ]}
            />
          </Card>
          <HistoryCard object="account_type" id={type.code} />
        </>
      )}
    </ShowPage>
  );
}
