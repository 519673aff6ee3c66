export interface FieldProps {
  name: string;
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** The service's error for the field. */
  wrong?: string;
}
