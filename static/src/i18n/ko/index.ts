import type { Dictionary } from '../en';
import { accounts } from './accounts';
import { common } from './common';
import { errors } from './errors';
import { order } from './order';
import { proof } from './proof';
import { schedules } from './schedules';
import { settings } from './settings';
import { sign } from './sign';
import { transfer } from './transfer';

export const ko: Dictionary = {
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
