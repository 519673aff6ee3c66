/** The records of the lists: the API's types with the id that react-admin requires. */
import type { RaRecord } from 'react-admin';
import type { components } from '../../api/schema';

type Shapes = components['schemas'];

export type MemberRecord = Shapes['Member'] & RaRecord<string>;
export type AccountRecord = Shapes['AdminAccount'] & RaRecord<string>;
export type TypeRecord = Shapes['AccountType'] & RaRecord<string>;
export type TransferRecord = Shapes['Transfer'] & RaRecord<string>;
export type ScheduleRecord = Shapes['AdminSchedule'] & RaRecord<string>;
export type TokenRecord = Shapes['Token'] & RaRecord<string>;
