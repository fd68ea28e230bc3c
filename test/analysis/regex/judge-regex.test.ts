// What is said of regular expressions, each time held against recheck, which comes to it in another way.

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { judgeRegex } from '../../../src/analysis/regex/judge-regex.ts';

type Check = (
  source: string,
  flags: string,
  options: object,
) => {
  readonly status: string;
  readonly complexity?: { readonly type: string };
};
let check: Check;
before(async () => {
  // Its other back ends are native programs.
  process.env.RECHECK_BACKEND = 'pure';
  check = (await import('recheck')).checkSync as unknown as Check;
});

const SLOW = String.raw`
^(a+)+$
(a*)*b
(a|a)*b
(a|aa)+$
^(\w+\s?)*$
([a-zA-Z]+)*$
(x+x+)+y
(.*)*x
^(([a-z])+.)+[A-Z]([a-z])+$
^([a-zA-Z0-9])(([\-.]|[_]+)?([a-zA-Z0-9]+))*(@){1}[a-z0-9]+[.]{1}(([a-z]{2,3})|([a-z]{2,3}[.]{1}[a-z]{2,3}))$
(\d+|\w+)*!
^(\d|\d\d)+x
(?:a+)+(?=b)
([^"']+)*"
^(?:(?:\w+)\.?)+@
(\s*\w+\s*)*;
<(\w+)(\s+\w+=?.*?)*>
^(?:[a-z]+[a-z0-9]*)*$
^(.+)+@x
((a|b)*)*c
(?:(?:a|b)+)+$
^([01]+)*2
(?:\r\n|\n|\r)+x
^(a|b|ab)*c
(ab|a|b)*d
(a{2,})+b
^((ab)*)+$
^(?:(\w)+)*:$
(a+){2,}b
([ab]|a)+c
^(-?\d+)*$
(\w|\d)+-
^(\S+\s*)*,$
(a|[a-c])+z
((\w+)[-_]?)+\.
^(\(.*\))*x
(?:\/\*(?:.|\n)*?\*\/|\s+)*x
(?=(?:[a-z]+)+!)x
^(?:a?b?)*c$
(?:a|b|(?:ab))*?z
`
  .trim()
  .split('\n');

const FINE = String.raw`
^a+$
(ab)*c
^(?:a|b)*c
(a+)+
(\w+\s)*x
^(\d+,)*\d+$
^[\w.]+@[\w.]+$
(?:[^"\\]|\\.)*"
"(?:[^"\\]|\\.)*"
^(?:\d{3}-)+\d{4}$
(foo|bar)+baz
^(a(b|c))*d
(?:\s+\w+)*;
^([a-z]+-)*[a-z]+$
(\.\w+)+$
(a*)*
(a|b)+
^\s+|\s+$
(?:[a-z]\d)+x
(\[[^\]]*\])+x
^(https?):\/\/([^\/]+)(\/.*)?$
(ab|cd)*e
(abc|abd)+x
^(?:0|[1-9]\d*)(?:\.\d+)*$
(\d{1,3}\.){3}\d{1,3}
([A-Z][a-z]+ )+\d
\b(\w+)\b(?:\s+\1\b)+
(?:%[0-9a-f]{2})+
^(?:[A-Za-z0-9+\/]{4})*(?:[A-Za-z0-9+\/]{2}==)?$
(a+b+)+c
^(\w+=\w+&)*$
("[^"]*"|[^"])*x"y
^(?:\+\d+ )?(?:\d+[- ])+\d+$
(<[^>]+>)+x
^(.*?,){11}P
(a{3})+b
^(\d\d:)+\d\d$
(?:a|b(?=c))+d
(?:[^<]|<(?!b))*x
(?:\w+;)+$
`
  .trim()
  .split('\n');

for (const [kind, sources] of [
  ['slow', SLOW],
  ['fine', FINE],
] as const) {
  describe(kind, () => {
    for (const source of sources) {
      test(source, () => {
        assert.equal(judgeRegex(source, '').kind, kind);
        const { status, complexity } = check(source, '', { timeout: null });
        assert.equal(
          status === 'vulnerable' && complexity?.type === 'exponential',
          kind === 'slow',
          `recheck says ${status} ${complexity?.type}`,
        );
      });
    }
  });
}

test('flags count', () => {
  assert.equal(judgeRegex('^([a-z]|[A-Z])*x$', '').kind, 'fine');
  assert.equal(judgeRegex('^([a-z]|[A-Z])*X$', 'i').kind, 'slow');
  assert.equal(judgeRegex('^(?:.|\\n)*x$', '').kind, 'fine');
  assert.equal(judgeRegex('^(?:.|\\n)*x$', 's').kind, 'slow');
  assert.equal(judgeRegex('^(?:\\p{L}+)+$', 'u').kind, 'slow');
});

test('an attack is a text that begins, goes on and fails', () => {
  const verdict = judgeRegex('^x(ab|a|b)*d$', '');
  assert.ok(verdict.kind === 'slow');
  const { prefix, pump, suffix } = verdict.attack;
  assert.match(prefix, /^x/);
  assert.match(pump, /^[ab]+$/);
  assert.doesNotMatch(`${prefix}${pump}${suffix}`, /^x(ab|a|b)*d$/);
});

describe('hostile expressions are answered soon', () => {
  for (const [name, source] of [
    ['nested groups', `${'('.repeat(3000)}a${')+'.repeat(3000)}`],
    ['giant counts', '(a{1,100000}){1,100000}b'],
    ['many alternatives', `(${Array.from({ length: 1000 }, (_, n) => `a${n}`).join('|')})*x`],
    ['many optional parts', `(${'(a?)'.repeat(900)})*b`],
    ['giant', `(a+)+${'b'.repeat(100_000)}`],
    ['no expression', '(a+)+['],
  ] as const) {
    test(name, () => assert.ok(['unknown', 'slow', 'fine'].includes(judgeRegex(source, '').kind)));
  }
});
