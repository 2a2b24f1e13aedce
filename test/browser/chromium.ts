import type { LaunchOptions } from 'playwright-core';

/** Debian's Chromium, kept from calling anywhere: what it fetches in the background would only be refused here. */
export const CHROMIUM: LaunchOptions = {
  executablePath: process.env['WEFTLINE_TEST_CHROMIUM'] ?? '/usr/bin/chromium',
  args: [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
};
