import { BooleanInput, email, maxLength, NumberInput, required, TextInput } from 'react-admin';
import { useLanguage } from '../../i18n/staff';
import { changedFields } from '../form/changedFields';
import { EditPage } from '../form/EditPage';
import { FormGroup } from '../form/FormGroup';
import { RoleInput } from './RoleInput';

/** The form for a member. */
export function MemberEdit() {
  const { t } = useLanguage();
  return (
    <EditPage
      title={member => String(member.name || member.username)}
      patch={changedFields(['name', 'email', 'role', 'disabled', 'free_transfers_per_day', 'household'])}
    >
      <FormGroup title={t('staff.profile')}>
        <TextInput source="username" readOnly helperText={t('staff.fixed')} />
        <TextInput source="name" validate={required()} />
        <TextInput source="email" validate={email()} />
      </FormGroup>
      <FormGroup title={t('staff.standing')} note={t('staff.standingNote')}>
        <RoleInput />
        <NumberInput size="medium" source="free_transfers_per_day" min={0} step={1} validate={required()} />
        <TextInput
          size="medium"
          source="household"
          helperText={t('staff.householdMore')}
          validate={maxLength(40)}
          parse={(text: string) => text || null}
        />
        <BooleanInput source="disabled" />
      </FormGroup>
    </EditPage>
  );
}
