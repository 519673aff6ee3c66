/** Returns the names of a resource's fields under the keys that react-admin looks up. */
export const fieldTexts = <R extends string, const T extends Record<string, string>>(resource: R, fields: T) =>
  Object.fromEntries(
    Object.entries(fields).map(([field, text]) => [`resources.${resource}.fields.${field}`, text]),
  ) as { readonly [F in keyof T & string as `resources.${R}.fields.${F}`]: T[F] };
