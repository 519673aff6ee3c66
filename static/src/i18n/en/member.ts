/** Texts of the members' part. */
import { accounts } from './member/accounts';
import { auth } from './member/auth';
import { navigation } from './member/navigation';
import { schedules } from './member/schedules';
import { settings } from './member/settings';
import { transfer } from './member/transfer';

export const member = { ...accounts, ...auth, ...navigation, ...schedules, ...settings, ...transfer };
