import { existsSync } from 'node:fs';

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** Where this machine's Chromium is, if it has one; `CHROMIUM` names another. */
export const chromium = () => [process.env.CHROMIUM, ...PLACES].find(place => place && existsSync(place));
