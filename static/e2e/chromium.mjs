import { existsSync } from 'node:fs';

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** Returns the path of Chromium, if it is installed. `CHROMIUM` names another one. */
export const chromium = () => [process.env.CHROMIUM, ...PLACES].find(place => place && existsSync(place));
