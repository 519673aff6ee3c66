import type { member as english } from '../en/member';
import type { Text } from '../translate';
import { accounts } from './member/accounts';
import { auth } from './member/auth';
import { navigation } from './member/navigation';
import { schedules } from './member/schedules';
import { settings } from './member/settings';
import { transfer } from './member/transfer';

export const member: Record<keyof typeof english, Text> = {
  ...accounts,
  ...auth,
  ...navigation,
  ...schedules,
  ...settings,
  ...transfer,
};
