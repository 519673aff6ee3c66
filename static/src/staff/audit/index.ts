import FactCheck from '@mui/icons-material/FactCheckOutlined';
import { AuditList } from './AuditList';

export const audit = { name: 'audit', icon: FactCheck, list: AuditList, recordRepresentation: 'action' };
