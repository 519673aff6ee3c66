/** Every text of the member's part. Keys with a dot and a code after it name what the service may say. */
import { accounts } from './accounts';
import { common } from './common';
import { errors } from './errors';
import { order } from './order';
import { proof } from './proof';
import { schedules } from './schedules';
import { settings } from './settings';
import { sign } from './sign';
import { transfer } from './transfer';

export const en = {
  ...common,
  ...errors,
  ...sign,
  ...accounts,
  ...transfer,
  ...order,
  ...proof,
  ...schedules,
  ...settings,
};

export type Key = keyof typeof en;
export type Dictionary = Record<Key, string>;
