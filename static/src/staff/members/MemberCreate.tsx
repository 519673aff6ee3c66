import { useState } from 'react';
import { email, NumberInput, type RaRecord, required, TextInput, useRedirect } from 'react-admin';
import { useLanguage } from '../../i18n/staff';
import { CreatePage } from '../form/CreatePage';
import { FormGroup } from '../form/FormGroup';
import { OneTimePasswordDialog } from './OneTimePasswordDialog';
import { RoleInput } from './RoleInput';

/** The form for a new member, who gets a one-time password. */
export function MemberCreate() {
  const { t } = useLanguage();
  const redirect = useRedirect();
  const [made, setMade] = useState<RaRecord>();
  return (
    <>
      <CreatePage
        title={t('staff.newMember')}
        onMade={setMade}
        send={({ username, name, email: address, role, free_transfers_per_day: free }) => ({
          username,
          name,
          email: address ?? '',
          role,
          free_transfers_per_day: free,
        })}
      >
        <FormGroup title={t('staff.profile')}>
          <TextInput source="username" validate={required()} helperText={t('staff.usernameHelp')} />
          <TextInput source="name" validate={required()} />
          <TextInput source="email" validate={[required(), email()]} />
        </FormGroup>
        <FormGroup title={t('staff.standing')}>
          <RoleInput defaultValue="member" />
          <NumberInput
            size="medium"
            source="free_transfers_per_day"
            min={0}
            step={1}
            defaultValue={3}
            validate={required()}
          />
        </FormGroup>
      </CreatePage>
      <OneTimePasswordDialog
        username={String(made?.username ?? '')}
        password={String(made?.one_time_password ?? '')}
        onClose={() => redirect('show', 'members', made?.id)}
      />
    </>
  );
}
