// Owns the frame of the server's own pages: strict, small, without scripts; and making text harmless in it.

import { safeText } from '../model/safe-text.ts';

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const TEXT_CHARS_MAX = 300;

/** Anybody's text, to be shown in a page: no markup, no marks that show nothing, bounded. */
export function escapeHtml(text: string): string {
  return safeText(text, { charsMax: TEXT_CHARS_MAX }).replace(
    /[&<>"']/g,
    (char) => ESCAPES[char] ?? '',
  );
}

/** A page. @param body HTML already */
export function htmlPage(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title>
<link rel="stylesheet" href="/style.css">
</head>
<body>${body}</body>
</html>
`;
}

/** The style of all pages. */
export const STYLE = `
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .2rem .8rem .2rem 0; border-bottom: 1px solid #8884; }
code, pre { font-family: ui-monospace, monospace; font-size: 13px; }
pre { overflow-x: auto; padding: .6rem; border: 1px solid #8884; }
h2 { margin-top: 2rem; }
`;
