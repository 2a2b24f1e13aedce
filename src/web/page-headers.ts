const contentSecurityPolicy = (sources: { style: string; font: string }): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "connect-src 'self'",
    "img-src 'self' data:",
    `style-src ${sources.style}`,
    `font-src ${sources.font}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "form-action 'none'",
  ].join('; ');

/** A page may load and call nothing but this server, be framed by nobody, and send no address to anyone. */
const pageHeaders = (policy: string): Record<string, string> => ({
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': policy,
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-cache',
});

export const PAGE_HEADERS = pageHeaders(contentSecurityPolicy({ style: "'self'", font: "'self'" }));

// GraphiQL has its fonts inside its stylesheet, and its dialogs add one style element, which stops the page behind them
// from scrolling. Its text does not vary, so its hash is allowed instead of every inline style.
const DIALOG_STYLE = "'sha256-nzTgYzXYDNe6BAHiiI7NNlfK8n/auuOAhh2t92YvuXo='";

export const GRAPHIQL_HEADERS = pageHeaders(
  contentSecurityPolicy({ style: `'self' ${DIALOG_STYLE}`, font: "'self' data:" }),
);
