/** The longest label, in characters as people count them. */
export const LONGEST = 10;

export const clipLabel = (text: string) => [...text].slice(0, LONGEST).join('');
